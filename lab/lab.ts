/** A lab put together from its folder: state, machines, networks, endpoint. One process at a time may have it open. */
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Access } from "./api/dispatch.ts";
import { commandNamed } from "./api/registry.ts";
import { RequestLog } from "./api/requests.ts";
import { apiPath, createApiServer } from "./api/server.ts";
import { Sessions } from "./api/sessions.ts";
import { choosePublicBlock } from "./cloud/addresses.ts";
import { Cloud } from "./cloud/cloud.ts";
import { expireExtracts } from "./cloud/extracts.ts";
import { halt } from "./cloud/machines.ts";
import { syncPower } from "./cloud/power.ts";
import { recover, wakeMachines } from "./cloud/recovery.ts";
import { Store } from "./cloud/store.ts";
import { type BaseImage, registerBaseImage, seedWorld } from "./cloud/world.ts";
import { LabProblem, wordsOf } from "./errors.ts";
import { Faults } from "./faults/active.ts";
import { allFaults } from "./faults/all.ts";
import {
  type DriverName,
  ensureKeys,
  type Home,
  type LabKeys,
  readSettings,
  type Settings,
  writeSettings,
} from "./home.ts";
import { type Machinery, openMachinery } from "./machinery.ts";
import { inParallel } from "./parallel.ts";
import { checkStateName, needState, saveState, stageState, takeStagedState } from "./states.ts";
import { Web } from "./web/server.ts";

export interface LabOptions {
  home: Home;
  /** Of a new lab; an old one keeps its own. */
  driver: DriverName;
  log: (line: string) => void;
  /** What a person who waits is told. */
  progress: (line: string) => void;
  /** Of a new lab: its ids follow from it from the first one on. */
  seed?: string | undefined;
  /** What answers the administrator's requests on the endpoint. */
  admin?: RequestListener;
}

/** As CloudStack's own sync of power states, only more often. */
const powerSyncSeconds = 10;
const stopSecondsByDefault = 60;
const housekeepingMinutes = 10;

export class Lab {
  readonly home: Home;
  readonly cloud: Cloud;
  readonly keys: LabKeys;
  settings: Settings;
  readonly #machinery: Machinery;
  readonly #progress: (line: string) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #sessions = new Sessions();
  readonly #requests = new RequestLog();
  readonly #web: Web;
  #baseImages: readonly BaseImage[] = [];
  #server: Server | undefined;

  private constructor(
    options: LabOptions,
    parts: { cloud: Cloud; keys: LabKeys; settings: Settings; machinery: Machinery },
  ) {
    this.home = options.home;
    this.#progress = options.progress;
    this.cloud = parts.cloud;
    this.keys = parts.keys;
    this.settings = parts.settings;
    this.#machinery = parts.machinery;
    this.#web = new Web({
      cloud: this.cloud,
      requests: this.#requests,
      driver: this.settings.driver,
      admin: options.admin,
    });
  }

  static async open(options: LabOptions): Promise<Lab> {
    const { home, log } = options;
    const settings = readSettings(home) ?? {
      driver: options.driver,
      port: 0,
      publicBlock: choosePublicBlock(home.folder),
    };
    const machinery = await openMachinery(settings.driver, home.folder);
    writeSettings(home, settings);
    takeStagedState(home);
    const store = openStore(home);
    const { driver, networks } = machinery;
    const faults = new Faults(allFaults);
    const { publicBlock } = settings;
    const keys = ensureKeys(home);
    const cloud: Cloud = new Cloud({
      store,
      driver,
      networks,
      faults,
      log,
      publicBlock,
      stopGraceSeconds: stopSeconds(),
      secondaryStorage: join(home.folder, "secondary"),
      adminKeys: { apiKey: keys.apiKey, secretKey: keys.secretKey },
      async prepareLayers(layers) {
        for (const layer of layers) {
          const image = await machinery.makeBase(layer, log);
          if (image) registerBaseImage(cloud, image);
        }
      },
    });
    if (options.seed !== undefined) seedNewLab(store, options.seed);
    seedWorld(store);
    return new Lab(options, { cloud, keys, settings, machinery });
  }

  /** What lets callers of the endpoint in. */
  get access(): Access {
    return { ...this.keys, sessions: this.#sessions };
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings.port}${apiPath}`;
  }

  /** Of the page that shows the lab, with the token of this run. */
  get page(): string {
    return this.#web.url;
  }

  /** Base image, interrupted work, machines that ran when the lab went down, and last the endpoint. */
  async start(): Promise<void> {
    const { cloud } = this;
    this.#baseImages = await this.#machinery.baseImages(this.#progress);
    await this.#takeUp(this.#progress);
    await this.#listen();
    cloud.downloads.resume();
    this.#every(powerSyncSeconds, () => syncPower(cloud));
    this.#every(housekeepingMinutes * 60, async () => {
      cloud.jobs.expire();
      cloud.store.keepReserve();
      await expireExtracts(cloud);
    });
  }

  /** The state as it is, machines that run are stopped for it and started again. Requests wait meanwhile. */
  async saveState(name: string, progress: (line: string) => void): Promise<void> {
    checkStateName(name);
    const { cloud, home } = this;
    await this.#quiet(progress, async () => {
      await this.#haltAll(progress);
      try {
        cloud.store.settle();
        progress(`copying the state to ${name}`);
        await saveState(home, {
          name,
          saved: new Date().toISOString(),
          instances: cloud.store.count("instances"),
          templates: cloud.store.count("templates"),
        });
      } finally {
        await wakeMachines(cloud, progress);
      }
    });
  }

  /** What is there now is gone, and machines that ran when the state was saved run again. Requests wait meanwhile. */
  async restoreState(name: string, progress: (line: string) => void): Promise<void> {
    const { cloud, home } = this;
    needState(home, name);
    await this.#quiet(progress, async () => {
      progress(`copying the state ${name}`);
      await stageState(home, name);
      for (const id of await cloud.driver.list()) await cloud.driver.kill(id);
      await cloud.networks.down();
      takeStagedState(home);
      cloud.store.reload();
      await this.#takeUp(progress);
    });
  }

  /** With what is in the store: base image, interrupted work, machines that ran before. */
  async #takeUp(progress: (line: string) => void): Promise<void> {
    const { cloud } = this;
    seedWorld(cloud.store);
    for (const image of this.#baseImages) registerBaseImage(cloud, image);
    await recover(cloud, (job) => {
      const command = commandNamed(job.command);
      return command?.kind === "async" ? command.resume?.(job, cloud) : undefined;
    });
    await wakeMachines(cloud, progress);
  }

  /** With no request and no job under way. */
  async #quiet(progress: (line: string) => void, work: () => Promise<void>): Promise<void> {
    const { cloud } = this;
    await cloud.gate.close(async () => {
      await cloud.downloads.stop();
      if (cloud.jobs.runningCount > 0) progress(`waiting for ${cloud.jobs.runningCount} running jobs`);
      await cloud.jobs.idle();
      try {
        await work();
      } finally {
        cloud.downloads.resume();
      }
    });
  }

  /** Stops every machine cleanly and takes everything away but what is on the disk. */
  async down(progress: (line: string) => void): Promise<void> {
    const { cloud } = this;
    await this.#close();
    await cloud.downloads.stop();
    cloud.faults.release();
    if (cloud.jobs.runningCount > 0) progress(`waiting for ${cloud.jobs.runningCount} running jobs`);
    await cloud.jobs.idle();
    await this.#haltAll(progress);
    await cloud.networks.down();
    cloud.store.close();
  }

  /** Machines that run are to start again with the lab. */
  async #haltAll(progress: (line: string) => void): Promise<void> {
    const { cloud } = this;
    const running: string[] = [];
    for (const id of await cloud.driver.list()) {
      if ((await cloud.driver.state(id)) === "running") running.push(id);
      else await cloud.driver.kill(id);
    }
    if (running.length > 0) progress(`stopping ${running.length} machines`);
    await inParallel(running, 8, async (id) => {
      progress(`  ${await this.#halt(id)} stopped`);
    });
  }

  /** Leaves machines and networks as they are, for the next start to take over. */
  async leave(): Promise<void> {
    await this.#close();
    await this.cloud.downloads.stop();
    this.cloud.store.close();
  }

  /** The machine's name. */
  async #halt(id: string): Promise<string> {
    const { cloud } = this;
    const instance = cloud.store.get("instances", id);
    const wakes = instance?.state === "Running";
    if (wakes) cloud.store.transaction(() => cloud.moveInstance(id, "stop", { startWithLab: true }));
    try {
      await halt(cloud, id, false);
    } catch (error) {
      cloud.log(`machine ${instance?.name ?? id}: ${wordsOf(error)}; its plug is pulled`);
      await halt(cloud, id, true);
    }
    if (wakes) cloud.store.transaction(() => cloud.moveInstance(id, "stopped"));
    return instance?.name ?? id;
  }

  async #listen(): Promise<void> {
    const server = createApiServer({
      cloud: this.cloud,
      access: this.access,
      requests: this.#requests,
      beside: (request, response) => this.#web.answer(request, response),
    });
    server.on("upgrade", (request, socket, head) => this.#web.upgrade(request, socket, head));
    const listen = (port: number) =>
      new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          server.off("error", reject);
          resolve();
        });
      });
    try {
      await listen(this.settings.port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      this.#progress(`port ${this.settings.port} is in use by another program: taking a new one`);
      await listen(0);
    }
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    if (port !== this.settings.port) {
      this.settings = { ...this.settings, port };
      writeSettings(this.home, this.settings);
    }
    this.cloud.endpoint = new URL(this.url).origin;
  }

  /** No further request; those under way are answered. */
  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const server = this.#server;
    if (!server) return;
    this.#web.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  }

  #every(seconds: number, act: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.cloud.gate
        .pass(act)
        .catch((error) => this.cloud.log(`housekeeping: ${wordsOf(error)}`))
        .finally(() => {
          busy = false;
        });
    }, seconds * 1000);
    timer.unref();
    this.#timers.push(timer);
  }
}

/** A guest that is not down by then has its plug pulled, as CloudStack's agents do. */
function stopSeconds(): number {
  const given = process.env.OSSEA_LAB_STOP_SECONDS;
  if (!given) return stopSecondsByDefault;
  if (Number(given) > 0) return Number(given);
  throw new LabProblem(
    `OSSEA_LAB_STOP_SECONDS=${given}`,
    "it is a number of seconds above 0",
    "unset OSSEA_LAB_STOP_SECONDS, then npm run lab -- up",
  );
}

function seedNewLab(store: Store, seed: string): void {
  if (store.count("zones") > 0) {
    throw new LabProblem(
      "--seed is for a new lab",
      "this one has its first ids already",
      "npm run lab -- seed WORD   # for the ids to come; or: npm run lab -- reset",
    );
  }
  store.seedIds(seed);
}

function openStore(home: Home): Store {
  try {
    return new Store(home.state);
  } catch (error) {
    throw new LabProblem(
      `the lab's state in ${home.state} cannot be read`,
      wordsOf(error),
      "npm run lab -- reset",
      error,
    );
  }
}
