/** What a new lab holds: one zone, one network, offerings, OS types, an administrator, and the base templates. */
import type { Cloud } from "./cloud.ts";
import { derivedId } from "./ids.ts";
import type { Template } from "./model.ts";
import { osTypes } from "./os-types.ts";
import type { Store } from "./store.ts";
import { apiTime } from "./time.ts";

/**
 * The hypervisor that the lab claims to be. KVM: clients know the name, accept QCOW2 templates and a root disk size
 * with it, and it is what the appliances meet in production. "Simulator" would make them take short cuts, and names
 * of our own are refused by typed clients.
 */
export const hypervisor = "KVM";
export const templateFormat = "QCOW2";

/** What the image maker tells about a base image. */
export interface BaseImage {
  layer: string;
  templateName: string;
  /** Description of the OS type. */
  osType: string;
  defaultUser: string;
  virtualSizeGiB: number;
  /** Bytes; once it is made. */
  physicalSize?: number;
}

/** In a block that no user's LAN and no package mirror is likely to have: guests could not reach it. */
const guestCidr = "10.213.0.0/20";
export const sharedGateway = "10.213.0.1";
const guestNetmask = "255.255.240.0";

/** guestcidraddress of the zones: what an isolated network gets that does not ask for another one. */
export const isolatedCidr = "10.1.1.0/24";

export const gibibyte = 1024 ** 3;

const serviceOfferings = [
  { name: "1 vCPU, 1 GiB", cpu: 1, memoryMiB: 1024 },
  { name: "2 vCPU, 4 GiB", cpu: 2, memoryMiB: 4096 },
  { name: "4 vCPU, 8 GiB", cpu: 4, memoryMiB: 8192 },
];

const labOffering = {
  name: "LabSharedNetworkOfferingWithStaticNat",
  displayText: "Shared network whose guests each get a public address by static NAT",
  guestIpType: "Shared" as const,
  egressDefault: true,
  elasticIp: true,
};

/** It has no network until somebody makes one. */
const secondZone = "lab-zone-2";

/** By the names that clients look for on a stock CloudStack. */
const networkOfferings = [
  {
    name: "DefaultIsolatedNetworkOfferingWithSourceNatService",
    displayText: "Offering for Isolated networks with Source Nat service enabled",
    guestIpType: "Isolated" as const,
    egressDefault: false,
  },
  {
    name: "LabIsolatedNetworkOfferingWithEgress",
    displayText: "Isolated network whose guests reach the outside without a rule",
    guestIpType: "Isolated" as const,
    egressDefault: true,
  },
  {
    name: "DefaultSharedNetworkOffering",
    displayText: "Offering for Shared networks",
    guestIpType: "Shared" as const,
    egressDefault: true,
  },
  {
    name: "DefaultL2NetworkOffering",
    displayText: "Offering for L2 networks",
    guestIpType: "L2" as const,
    egressDefault: true,
  },
];

/** Fills an empty store; in a filled one only offerings that it does not know yet are added. */
export function seedWorld(store: Store): void {
  seedCloud(store);
  const created = apiTime();
  store.transaction(() => {
    if (!store.find("zones", ({ name }) => name === secondZone)) {
      const id = store.newId("zones");
      store.put("zones", { id, number: store.nextNumber("zones"), name: secondZone, token: tokenOf(id) });
    }
    for (const offering of networkOfferings) {
      if (store.find("networkOfferings", ({ name }) => name === offering.name)) continue;
      const number = store.nextNumber("networkOfferings");
      store.put("networkOfferings", { id: store.newId("networkOfferings"), number, ...offering, created });
    }
  });
}

function seedCloud(store: Store): void {
  if (store.count("zones") > 0) return;
  store.transaction(() => {
    const created = apiTime();
    const row = (table: Parameters<Store["nextNumber"]>[0]) => ({
      id: store.newId(table),
      number: store.nextNumber(table),
    });
    const domain = { ...row("domains"), name: "ROOT" };
    store.put("domains", domain);
    const system = account(store, "system", domain.id, created);
    const admin = account(store, "admin", domain.id, created);
    store.put("users", { ...row("users"), name: "admin", accountId: admin, created });
    const zone = { ...row("zones"), name: "lab-zone" };
    store.put("zones", { ...zone, token: tokenOf(zone.id) });
    for (const { name, cpu, memoryMiB } of serviceOfferings) {
      const disk = store.newId("diskOfferings");
      store.put("serviceOfferings", {
        ...row("serviceOfferings"),
        name,
        cpu,
        cpuSpeed: 1000,
        memoryMiB,
        diskOfferingId: disk,
        created,
      });
    }
    for (const [name, sizeGiB] of [
      ["5 GiB", 5],
      ["20 GiB", 20],
      ["100 GiB", 100],
      ["Custom", 0],
    ] as const) {
      store.put("diskOfferings", { ...row("diskOfferings"), name, sizeGiB, custom: sizeGiB === 0, created });
    }
    const offering = { ...row("networkOfferings"), ...labOffering, created };
    store.put("networkOfferings", offering);
    store.put("networks", {
      ...row("networks"),
      name: "lab-network",
      state: "Setup",
      displayText: "The lab's shared network",
      zoneId: zone.id,
      networkOfferingId: offering.id,
      accountId: system,
      cidr: guestCidr,
      gateway: sharedGateway,
      netmask: guestNetmask,
      domain: "lab.internal",
      egress: true,
      created,
    });
    for (const [category, descriptions] of Object.entries(osTypes)) {
      const owner = { ...row("osCategories"), name: category };
      store.put("osCategories", owner);
      for (const description of descriptions) {
        store.put("osTypes", { ...row("osTypes"), description, categoryId: owner.id });
      }
    }
  });
}

const tokenOf = (zoneId: string) => derivedId(zoneId, "token");

function account(store: Store, name: string, domainId: string, created: string): string {
  const id = store.newId("accounts");
  store.put("accounts", {
    id,
    number: store.nextNumber("accounts"),
    name,
    domainId,
    roleId: derivedId(domainId, "Admin"),
    created,
  });
  return id;
}

/** Registers a base image as a built-in template; the one with this name and layer only learns its size. */
export function registerBaseImage(cloud: Cloud, image: BaseImage): Template {
  const { store } = cloud;
  const known = store.find(
    "templates",
    (template) =>
      template.builtin && template.name === image.templateName && template.layers[0] === image.layer,
  );
  const { physicalSize } = image;
  if (known) {
    if (physicalSize === undefined || known.physicalSize === physicalSize) return known;
    const sized: Template = { ...known, physicalSize };
    store.transaction(() => store.put("templates", sized));
    return sized;
  }
  const osType = store.find("osTypes", (row) => row.description === image.osType);
  if (!osType)
    throw new Error(`the base image ${image.templateName} names an unknown OS type: ${image.osType}`);
  return store.transaction(() => {
    // A renewed base image takes the place of the old one; instances and templates keep the layers they stand on.
    for (const old of store.filter("templates", (row) => row.builtin && row.name === image.templateName)) {
      store.remove("templates", old.id);
    }
    const template: Template = {
      id: store.newId("templates"),
      number: store.nextNumber("templates"),
      name: image.templateName,
      displayText: image.templateName,
      accountId: cloud.system.id,
      state: "Ready",
      builtin: true,
      zoneId: cloud.zone.id,
      osTypeId: osType.id,
      layers: [image.layer],
      size: image.virtualSizeGiB * gibibyte,
      ...(physicalSize !== undefined && { physicalSize }),
      isPublic: true,
      isFeatured: true,
      isExtractable: false,
      passwordEnabled: false,
      sshKeyEnabled: false,
      requiresHvm: true,
      dynamicallyScalable: false,
      details: {},
      permittedAccounts: [],
      defaultUser: image.defaultUser,
      created: apiTime(),
    };
    store.put("templates", template);
    return template;
  });
}
