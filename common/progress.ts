/**
 * Long work says what it is doing, how far it is and how long it took: one live line on a terminal, otherwise a line
 * at the start, every ten seconds and at the end. Everything goes to stderr, so that a command's output stays clean.
 */
export interface Step {
  /** How far it is. `total` may be unknown. */
  at(done: number, total?: number): void;
  /** What it does right now. */
  detail(text: string): void;
  /** Ends it well; `summary` is shown with the time it took. */
  done(summary?: string): void;
  failed(): void;
}

export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const plainIntervalMilliseconds = 10_000;
const liveIntervalMilliseconds = 500;

/** Shows a step around `work`; an error ends it as failed and passes on. */
export async function step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
  const shown = beginStep(title);
  try {
    const result = await work(shown);
    shown.done();
    return result;
  } catch (error) {
    shown.failed();
    throw error;
  }
}

export function beginStep(title: string, output: ProgressOutput = process.stderr): Step {
  const started = performance.now();
  const live = output.isTTY === true;
  let position = "";
  let detail = "";
  let open = true;

  const line = (ending: string) => `${[title, position, detail].filter(Boolean).join(" · ")} ${ending}`;
  const elapsed = () => formatSeconds((performance.now() - started) / 1000);
  const show = () => {
    if (live) output.write(`\r\x1b[K${line(`(${elapsed()})`).slice(0, (output.columns ?? 80) - 1)}`);
    else output.write(`${line(`(${elapsed()})`)}\n`);
  };
  const end = (text: string) => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    output.write(`${live ? "\r\x1b[K" : ""}${title}: ${text} ${elapsed()}\n`);
  };

  if (live) show();
  else output.write(`${title} ...\n`);
  const timer = setInterval(show, live ? liveIntervalMilliseconds : plainIntervalMilliseconds);
  timer.unref();

  return {
    at(done, total) {
      position = total
        ? `${Math.min(100, Math.floor((done / total) * 100))}% (${done} of ${total})`
        : `${done}`;
    },
    detail(text) {
      detail = text;
    },
    done(summary) {
      end(summary ? `${summary},` : "done in");
    },
    failed() {
      end("failed after");
    },
  };
}

/** "0.4 s", "12 s", "5 min 30 s" */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
