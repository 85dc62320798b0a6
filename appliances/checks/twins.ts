/**
 * What two clones of one template are compared by: who they are differs in every part, what they are made of is equal.
 * The facts come from assets/common/checks/machine-facts.sh.
 */
import type { TwinCheck } from "./types.ts";

const firstBoot = "look at the first-boot operations in assets/common/first-boot, then build again";
const seal = "look at what wrote it after the seal, or at what the first boot does differently on each clone";

const differs = (
  name: string,
  title: string,
  why: string,
  plant: string,
  parts: Partial<TwinCheck> = {},
): TwinCheck => ({
  id: `twins/${name}`,
  title,
  why,
  fix: firstBoot,
  fact: `identity.${name}`,
  must: "differ",
  plant,
  ...parts,
});

const equals = (name: string, title: string, why: string, plant: string): TwinCheck => ({
  id: `twins/${name}`,
  title,
  why,
  fix: seal,
  fact: `contents.${name}`,
  must: "be equal",
  plant,
});

/** Of every appliance. A plant is a change of one machine's facts: `path=JSON`, or `path=other` for the other machine's value. */
export const commonTwins: readonly TwinCheck[] = [
  differs(
    "machine-id",
    "Machine ids differ",
    "two machines with one id ask DHCP for one lease",
    "identity.machine-id=other",
  ),
  differs(
    "host-name",
    "Host names differ",
    "two machines of one name are mistaken for each other",
    "identity.host-name=other",
  ),
  differs(
    "host-keys",
    "SSH host keys differ, each of them",
    "whoever has one clone's key can stand in for the other",
    "identity.host-keys.ssh-ed25519=other",
  ),
  differs("macs", "MAC addresses differ", "the network knows machines by them", "identity.macs=other"),
  differs("addresses", "Addresses differ", "two machines cannot share one", "identity.addresses=other"),
  differs(
    "dhcp-client-ids",
    "DHCP client ids differ",
    "a DHCP server gives one lease to one client id, whatever the MAC address is",
    "identity.dhcp-client-ids=other",
    // Of a clone with a fixed address there is none.
    { optional: true },
  ),
  differs(
    "random-seed",
    "Random seeds differ",
    "machines that start from one seed may make the same keys",
    "identity.random-seed=other",
    { optional: true },
  ),
  differs(
    "boot-id",
    "They are two machines",
    "one that is compared with itself proves nothing",
    "identity.boot-id=other",
  ),
  differs(
    "journals",
    "Journals differ",
    "a journal that came with the template tells the build machine's story",
    "identity.journals=other",
  ),
  equals(
    "os",
    "The operating system is the same",
    "clones of one template are one system",
    'contents.os="another"',
  ),
  equals(
    "packages",
    "Packages are the same",
    "a first boot that changes packages makes each clone another product",
    'contents.packages.planted="ii 1"',
  ),
  equals(
    "unit-files",
    "The same units are enabled",
    "a first boot may reset which units start with the machine",
    'contents.unit-files.oma-api\\.service="disabled"',
  ),
  equals(
    "users",
    "Users are the same",
    "an account of one clone alone is nobody's plan",
    'contents.users="x"',
  ),
  equals(
    "groups",
    "Groups are the same",
    "a membership of one clone alone is nobody's plan",
    'contents.groups="x"',
  ),
  equals(
    "files",
    "Programs and settings are the same",
    "beside its identity nothing of a clone is its own",
    'contents.files./opt/planted="0123"',
  ),
  equals(
    "listeners",
    "The same ports are open",
    "a port that is open on one clone alone is a service that failed or one that nobody meant",
    'contents.listeners=["0.0.0.0:9"]',
  ),
];

/** Of one with a database and secrets of its own. */
export const databaseTwins: readonly TwinCheck[] = [
  differs(
    "secrets",
    "Database password, credential key and all other secrets differ",
    "whoever knows one clone's secrets could open the other",
    "identity.secrets.oma-api\\.env MIGRATEKIT_CRED_ENCRYPTION_KEY=other",
  ),
  differs(
    "instance-in-database",
    "The database names each clone's own instance",
    "the appliance attaches replicated disks to the instance that its database names",
    "identity.instance-in-database=other",
    { optional: true },
  ),
  equals(
    "tables",
    "The same tables and views",
    "a migration that ran on one clone alone failed on the other",
    'contents.tables=["BASE TABLE planted"]',
  ),
];
