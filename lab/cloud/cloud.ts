/** The cloud: its rows, and what it works with. Commands get it, acts in this folder change it. */
import type { Faults } from "../faults/active.ts";
import type { LayerId, MachineDriver } from "../machines/driver.ts";
import type { GuestNetworks } from "../network/network.ts";
import { currentCaller } from "./call-context.ts";
import { Consoles } from "./consoles.ts";
import { Downloads } from "./downloads.ts";
import { Gate } from "./gate.ts";
import { Jobs } from "./jobs.ts";
import { Locks } from "./locks.ts";
import { lookup } from "./lookup.ts";
import type { Account, Domain, Instance, Template, User, Volume, Zone } from "./model.ts";
import type { Store } from "./store.ts";
import { apiTime } from "./time.ts";
import {
  type InstanceEvent,
  instanceAfter,
  type TemplateEvent,
  templateAfter,
  transitionName,
  type VolumeEvent,
  volumeAfter,
} from "./transitions.ts";

const volumesOf = lookup("volumes", (volume) => volume.instanceId ?? "");

export interface CloudParts {
  store: Store;
  driver: MachineDriver;
  networks: GuestNetworks;
  faults: Faults;
  log: (line: string) => void;
  /** First two bytes of this lab's loopback addresses and the first of its third bytes: see addresses.ts. */
  publicBlock: PublicBlock;
  /** Seconds a guest gets for a clean shutdown. */
  stopGraceSeconds: number;
  /** Folder of what goes in and out as files. */
  secondaryStorage: string;
  adminKeys: KeyPair;
  /** Base images that are made when they are needed first are made. */
  prepareLayers(layers: readonly LayerId[]): Promise<void>;
}

export interface KeyPair {
  readonly apiKey: string;
  readonly secretKey: string;
}

/** A /20 of 127.0.0.0/8 that is this lab's own: 127.second.(third..third+15).* */
export interface PublicBlock {
  second: number;
  third: number;
}

export class Cloud {
  readonly store: Store;
  readonly driver: MachineDriver;
  readonly networks: GuestNetworks;
  readonly faults: Faults;
  readonly jobs: Jobs;
  readonly log: (line: string) => void;
  readonly publicBlock: PublicBlock;
  readonly stopGraceSeconds: number;
  readonly secondaryStorage: string;
  readonly prepareLayers: (layers: readonly LayerId[]) => Promise<void>;
  readonly downloads: Downloads;
  readonly #adminKeys: KeyPair;
  readonly consoles = new Consoles();
  /** Closed while the whole state is saved or another one takes its place. */
  readonly gate = new Gate();
  /** Protocol, address and port under which the endpoint is reached; once it listens. */
  endpoint = "";
  /** One act at a time on a machine's disk and processes. */
  readonly machines = new Locks();

  constructor(parts: CloudParts) {
    this.store = parts.store;
    this.driver = parts.driver;
    this.networks = parts.networks;
    this.faults = parts.faults;
    this.log = parts.log;
    this.publicBlock = parts.publicBlock;
    this.stopGraceSeconds = parts.stopGraceSeconds;
    this.secondaryStorage = parts.secondaryStorage;
    this.#adminKeys = parts.adminKeys;
    this.prepareLayers = parts.prepareLayers;
    this.downloads = new Downloads(this);
    this.jobs = new Jobs(this.store, this.faults, this.log);
    this.store.witness = this.faults;
    this.store.isRequest = () => currentCaller() !== undefined;
  }

  /** The first one, which the base network is in. */
  get zone(): Zone {
    return only(this.store.all("zones"));
  }

  /** Rows of labs that had one zone name none. */
  zoneNamed(id: string | undefined): Zone {
    return id === undefined ? this.zone : this.store.need("zones", id);
  }

  get rootDomain(): Domain {
    return only(this.store.all("domains"));
  }

  /** The caller behind the lab's keys: root admin. */
  get admin(): Account {
    return this.#account("admin");
  }

  /** Owns what came with the cloud. */
  get system(): Account {
    return this.#account("system");
  }

  get adminUser(): User {
    return only(this.store.all("users"));
  }

  /** The administrator's are the lab's own, which are in no row. */
  keysOf({ id, apiKey, secretKey }: User): KeyPair | undefined {
    if (id === this.adminUser.id) return this.#adminKeys;
    return apiKey === undefined || secretKey === undefined ? undefined : { apiKey, secretKey };
  }

  moveInstance(id: string, event: InstanceEvent, changes: Partial<Instance> = {}): Instance {
    const old = this.store.need("instances", id);
    const row: Instance = {
      ...old,
      ...changes,
      state: instanceAfter(old.state, event),
      updated: apiTime(),
    };
    this.store.put("instances", row);
    this.store.note(transitionName("instance", event, old.state));
    return row;
  }

  moveVolume(id: string, event: VolumeEvent, changes: Partial<Volume> = {}): Volume {
    const old = this.store.need("volumes", id);
    const row: Volume = { ...old, ...changes, state: volumeAfter(old.state, event) };
    this.store.put("volumes", row);
    this.store.note(transitionName("volume", event, old.state));
    return row;
  }

  moveTemplate(id: string, event: TemplateEvent, changes: Partial<Template> = {}): Template {
    const old = this.store.need("templates", id);
    const row: Template = { ...old, ...changes, state: templateAfter(old.state, event) };
    this.store.put("templates", row);
    this.store.note(transitionName("template", event, old.state));
    return row;
  }

  changeInstance(id: string, changes: Partial<Instance>): Instance {
    const row: Instance = { ...this.store.need("instances", id), ...changes };
    this.store.put("instances", row);
    return row;
  }

  rootVolume(instanceId: string): Volume | undefined {
    return volumesOf(this.store, instanceId).find(({ type }) => type === undefined);
  }

  dataVolumes(instanceId: string): readonly Volume[] {
    return volumesOf(this.store, instanceId).filter(({ type }) => type === "DATADISK");
  }

  #account(name: string): Account {
    const account = this.store.find("accounts", (row) => row.name === name);
    if (!account) throw new Error(`no account ${name}`);
    return account;
  }
}

function only<T>(rows: Iterable<T>): T {
  for (const row of rows) return row;
  throw new Error("the world is empty: it was not seeded");
}
