/** The lab's page: what it has and what it does. Each part is replaced in the browser when it has changed. */
import { existsSync } from "node:fs";
import type { ApiRequestRecord, RequestLog } from "../api/requests.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { Instance, Job, Row, Template, Zone } from "../cloud/model.ts";
import { gibibyte } from "../cloud/world.ts";
import { type Content, type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { filesPath, openConsolePath } from "./paths.ts";

export interface Overview {
  readonly cloud: Cloud;
  readonly requests: RequestLog;
  readonly driver: string;
  /** Of the page, for its links. */
  readonly token: string;
}

/** Rows that a table shows; the rest is told as a number. */
const mostRows = 100;
const fewRows = 30;

type Tone = "good" | "warn" | "bad" | "soft";

export function overviewPage(overview: Overview): Html {
  const { cloud } = overview;
  return layout(
    "Lab",
    html`<main>
<header>
<div><p class="kicker">OSSEA appliances</p><h1>The lab</h1>
<p class="subject"><code class="endpoint">${cloud.endpoint}/client/api</code> <span class="nowrap">driver ${overview.driver}</span></p></div>
<span id="live" class="pill good" role="status">up to date</span>
</header>
${part("figures", figures(overview))}
${part("zones", zones(cloud))}
${part("instances", instances(overview))}
${part("templates", templates(cloud))}
${part("jobs", jobs(cloud), "compact")}
${part("requests", requestTable(overview.requests), "compact")}
<footer>To be read only. Times are UTC. What changes the lab goes through its API and <code>npm run lab -- help</code>.</footer>
</main>
<script type="module" src="${filesPath}overview.js"></script>`,
  );
}

/** Of a compact one narrow screens show a row in a line or two, without titles. */
function part(id: string, content: Content, kind = ""): Html {
  return html`<section id="${id}" class="${kind}">${content}</section>`;
}

function figures({ cloud, requests }: Overview): Html {
  const { store, jobs } = cloud;
  const running = store.filter("instances", ({ state }) => state === "Running").length;
  const ready = store.filter("templates", ({ state }) => state === "Ready").length;
  const times = requests
    .latest()
    .map(({ milliseconds }) => milliseconds)
    .sort((a, b) => a - b);
  const cards: [string, string | number, string][] = [
    ["Instances", store.count("instances"), `${running} running`],
    ["Templates", store.count("templates"), `${ready} ready`],
    ["Jobs", jobs.runningCount, jobs.runningCount === 1 ? "runs now" : "run now"],
    [
      "Requests",
      requests.count,
      times.length === 0
        ? "none yet"
        : `median ${duration(quantile(times, 0.5))}, p99 ${duration(quantile(times, 0.99))}`,
    ],
  ];
  return html`<ul class="cards">${cards.map(
    ([title, figure, note]) =>
      html`<li class="card"><h2>${title}</h2><p class="figure">${figure}</p><p class="note">${note}</p></li>`,
  )}</ul>`;
}

function zones(cloud: Cloud): Content {
  const { store } = cloud;
  const row = (zone: Zone) => {
    const inZone = store.filter("instances", ({ zoneId }) => zoneId === zone.id);
    const networks = store.filter("networks", ({ zoneId }) => zoneId === zone.id).map(({ name }) => name);
    return [zone.name, networks.join(", ") || soft("none"), inZone.length, code(zone.id)];
  };
  return table("Zones", ["Name", "Networks", "Instances", "Id"], [...store.all("zones")], row, "none");
}

function instances({ cloud, token }: Overview): Content {
  const { store } = cloud;
  const row = (instance: Instance) => [
    instance.displayName === instance.name ? instance.name : [instance.displayName, " ", soft(instance.name)],
    pill(instance.state, instanceTones[instance.state]),
    code(instance.publicIp ?? instance.nics[0]?.ipAddress ?? ""),
    store.get("serviceOfferings", instance.serviceOfferingId)?.name,
    store.get("templates", instance.templateId)?.name ?? soft("deleted"),
    cloud.zoneNamed(instance.zoneId).name,
    hasConsole(cloud, instance)
      ? html`<a class="open" href="${openConsolePath}?id=${instance.id}&token=${token}" target="_blank" rel="noopener">Console<span class="hidden"> of ${instance.displayName}</span></a>`
      : "",
  ];
  const titles = ["Name", "State", "Address", "Offering", "Template", "Zone", "Console"];
  return table(
    "Instances",
    titles,
    newest(store.all("instances")),
    row,
    "none; deployVirtualMachine makes one",
  );
}

function hasConsole(cloud: Cloud, { id, state }: Instance): boolean {
  return state === "Running" && existsSync(cloud.driver.consoleSocket(id));
}

const instanceTones: Readonly<Record<Instance["state"], Tone>> = {
  Running: "good",
  Starting: "warn",
  Stopping: "warn",
  Stopped: "soft",
  Destroyed: "soft",
  Expunging: "warn",
  Error: "bad",
};

function templates(cloud: Cloud): Content {
  const { store } = cloud;
  const row = (template: Template) => [
    template.name,
    pill(template.state, templateTones[template.state]),
    `${(template.size / gibibyte).toFixed(template.size % gibibyte === 0 ? 0 : 1)} GiB`,
    template.physicalSize === undefined ? soft("-") : `${Math.ceil(template.physicalSize / 1024 ** 2)} MiB`,
    template.builtin ? "base image" : template.download ? "from a URL" : "captured",
    store.get("zones", template.zoneId)?.name,
    moment(template.created),
  ];
  const titles = ["Name", "State", "Disk", "Takes", "Origin", "Zone", "Created"];
  return table("Templates", titles, newest(store.all("templates")), row, "none");
}

const templateTones: Readonly<Record<Template["state"], Tone>> = {
  Ready: "good",
  Creating: "warn",
  Downloading: "warn",
  Deleting: "warn",
  Failed: "bad",
  Stuck: "bad",
};

function jobs(cloud: Cloud): Content {
  const row = (job: Job) => [
    code(job.command),
    pill(...jobState(job)),
    nameOf(cloud, job) ?? soft("-"),
    moment(job.created),
    job.completed === undefined ? soft("-") : took(job.created, job.completed),
    job.status === 2 ? String(job.result?.errortext ?? "its outcome was lost") : "",
  ];
  const titles = ["Command", "State", "About", "Started", "Took", "Fault"];
  return table("Jobs", titles, newest(cloud.store.all("jobs")), row, "none yet", fewRows);
}

function jobState({ status }: Job): [string, Tone] {
  switch (status) {
    case 0:
      return ["runs", "warn"];
    case 1:
      return ["done", "good"];
    case 2:
      return ["failed", "bad"];
  }
}

function nameOf(cloud: Cloud, { instanceId }: Job): string | undefined {
  if (instanceId === undefined) return undefined;
  for (const name of ["instances", "templates", "volumes", "networks"] as const) {
    const found = cloud.store.get(name, instanceId);
    if (found) return found.name;
  }
  return undefined;
}

function requestTable(requests: RequestLog): Content {
  const row = ({ at, method, command, status, milliseconds }: ApiRequestRecord) => [
    code(command || "(no command)"),
    status === undefined ? pill("cut off", "bad") : pill(String(status), status === 200 ? "good" : "bad"),
    duration(milliseconds),
    method,
    moment(new Date(at).toISOString(), 23),
  ];
  const titles = ["Command", "Status", "Took", "Method", "Time"];
  return table("Requests", titles, requests.latest(), row, "none yet", fewRows);
}

/** Cells carry their column's title, which narrow screens show instead of a head. */
function table<T>(
  title: string,
  titles: readonly string[],
  rows: readonly T[],
  cellsOf: (row: T) => readonly Content[],
  whenEmpty: string,
  most = mostRows,
): Html {
  const left = rows.length - most;
  if (rows.length === 0) return html`<h2>${title}</h2><p class="empty">${whenEmpty}</p>`;
  return html`<h2>${title}${left > 0 ? html` <small>the newest ${most} of ${rows.length}</small>` : ""}</h2>
<div class="scroll"><table>
<thead><tr>${titles.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows
    .slice(0, most)
    .map(
      (one) =>
        html`<tr>${cellsOf(one).map((cell, index) => html`<td data-title="${titles[index]}">${cell}</td>`)}</tr>`,
    )}</tbody>
</table></div>`;
}

function newest<T extends Row>(rows: Iterable<T>): T[] {
  return [...rows].reverse();
}

const code = (text: string): Html => html`<code>${text}</code>`;
const soft = (text: string): Html => html`<span class="soft">${text}</span>`;
const pill = (text: string, tone: Tone): Html => html`<span class="pill ${tone}">${text}</span>`;

function moment(iso: string, length = 19): Html {
  return html`<time datetime="${iso}"><span class="day">${iso.slice(0, 10)}</span> ${iso.slice(11, length)}</time>`;
}

/** Jobs' moments are whole seconds. */
function took(from: string, to: string): string {
  const seconds = (Date.parse(parsable(to)) - Date.parse(parsable(from))) / 1000;
  return seconds < 1 ? "under 1 s" : `${seconds} s`;
}

/** The API's form of a moment has no colon in its zone. */
const parsable = (text: string) => text.replace(/\+0000$/, "Z");

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function duration(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
}
