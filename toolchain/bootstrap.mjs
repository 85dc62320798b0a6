/**
 * The first file that runs on a fresh clone, on whatever Node.js (>= 20) the system has and with no dependency
 * installed: it installs the locked dependencies, makes sure that the project's own Node.js is among them, and hands
 * over to toolchain/main.ts under that Node.js.
 *
 * usage: node toolchain/bootstrap.mjs COMMAND [ARGUMENT...]
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} what
 * @param {string} because
 * @param {string} next
 * @returns {never}
 */
function stop(what, because, next) {
  process.stderr.write(`${what}\n  because: ${because}\n  next:    ${next}\n`);
  process.exit(1);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * Compares the lockfile with the list that npm itself keeps of what it installed, so that a hand-run `npm install`
 * counts too and an interrupted one does not.
 * @param {string} folder
 * @returns {string | undefined} why an installation is needed
 */
export function staleDependencies(folder) {
  const installedList = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(installedList)) return "nothing is installed yet";
  const installed = readJson(installedList).packages;
  for (const [path, wanted] of Object.entries(readJson(join(folder, "package-lock.json")).packages)) {
    if (path === "" || !path.startsWith("node_modules/")) continue;
    const found = installed[path];
    if (!found && (wanted.optional || wanted.peer)) continue;
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) {
      return `${path.slice("node_modules/".length)} is not at its locked version`;
    }
  }
  return undefined;
}

/**
 * @param {string} title
 * @param {string[]} argv
 * @param {string} cwd
 */
function run(title, argv, cwd) {
  const started = Date.now();
  process.stderr.write(`${title} ...\n`);
  const [program, ...rest] = argv;
  const result = spawnSync(program, rest, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  process.stderr.write(`${title}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return result.error
    ? result.error.message
    : result.status === 0
      ? undefined
      : `exit status ${result.status}`;
}

function ensureDependencies() {
  const because = staleDependencies(root);
  if (!because) return;
  // Install scripts stay off: @pulumi/command's would put a plugin into the user's own Pulumi home.
  const failed = run(
    `Installing dependencies (${because})`,
    ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    root,
  );
  if (failed)
    stop("The dependencies cannot be installed", `npm ci: ${failed}, see above`, "npm ci --ignore-scripts");
}

/**
 * The package `node` fetches its binary in an install script, which npm may forbid; it is run here by name instead.
 * @returns {string} path of the project's own Node.js
 */
function ensureNode() {
  const packageFolder = join(root, "node_modules", "node");
  const node = join(packageFolder, "bin", "node");
  if (!existsSync(packageFolder))
    stop("The dependencies are not installed", "node_modules holds no node", "npm ci");
  if (!existsSync(node)) {
    const wanted = readJson(join(packageFolder, "package.json")).version;
    const failed = run(
      `Installing Node.js ${wanted}`,
      [process.execPath, "installArchSpecificPackage.js"],
      packageFolder,
    );
    if (!existsSync(node)) {
      stop(
        `Node.js ${wanted} cannot be installed`,
        `npm could not fetch node-${process.platform}-${process.arch}@${wanted}: ${failed ?? "no binary in it"}`,
        `npm install --no-save node-${process.platform}-${process.arch}@${wanted}   # shows npm's reason`,
      );
    }
  }
  const link = join(root, "node_modules", ".bin", "node");
  if (!existsSync(link)) symlinkSync(join("..", "node", "bin", "node"), link);
  return node;
}

/**
 * A terminal's Ctrl-C reaches the child by itself, a second one would make it give up its clean end.
 * @param {import("node:child_process").ChildProcess} child
 */
function passSignals(child) {
  process.on("SIGINT", () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
}

function main() {
  const [major] = process.versions.node.split(".");
  if (Number(major) < 20) {
    stop(
      "This Node.js is too old",
      `version ${process.versions.node}, at least 20 is needed`,
      "install Node.js 20 or newer",
    );
  }
  // npm runs `prepare` inside its own installation: the dependencies are its business then.
  if (process.argv[2] !== "prepare") ensureDependencies();
  const node = ensureNode();
  const bin = join(root, "node_modules", ".bin");
  const child = spawn(node, [join(root, "toolchain", "main.ts"), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: [dirname(node), bin, process.env.PATH ?? ""].join(":"),
      NODE_USE_ENV_PROXY: process.env.NODE_USE_ENV_PROXY ?? "1",
    },
  });
  passSignals(child);
  child.on("error", (error) =>
    stop("The project's Node.js does not start", error.message, "npm rebuild node"),
  );
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 128 + (signal === "SIGINT" ? 2 : 15) : (code ?? 1);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
