/** Unit files. */
import type { Rule } from "../rule.ts";
import { isPlaceholder } from "../secrets.ts";
import { type UnitFile, valuesOf } from "../unit-files.ts";

/** Everything that a unit runs. */
function commands(unit: UnitFile) {
  return unit.settings.filter(({ key }) => key.startsWith("Exec"));
}

/** `-db-pass=value`, `--password value`: flag and value. */
const secretFlag = /(?<=\s)--?[\w-]*(?:pass(?:word|wd)?|secret|token|api-?key)(?:=|\s+)(\S+)/giu;
const placeholders =
  /\b(APPLIANCE_WILL_GENERATE_KEY|WILL_BE_GENERATED_DURING_BUILD|CONFIGURE_DURING_SETUP|OMA_IP_ADDRESS)\b/u;

export const serviceRules: readonly Rule[] = [
  {
    id: "services/command-line-secret",
    title: "No secret in a command line",
    severity: "error",
    why: "every user of the machine sees command lines in the list of processes",
    fix: "hand it over in an EnvironmentFile of mode 0600, as assets/oma/units/oma-api.service does",
    plant: "sed -i 's/-db-user=oma_user/-db-user=oma_user -db-pass=Sw0rdfish1/' services/oma-api.service",
    examine: ({ units }) =>
      units.flatMap((unit) =>
        commands(unit).flatMap(({ key, value, line }) =>
          [...value.matchAll(secretFlag)]
            .filter(({ 1: given = "" }) => !given.startsWith("$"))
            .map(([flag]) => ({
              object: `${unit.path} line ${line}`,
              because: `${key} has ${flag.split(/[=\s]/u)[0]} with a value`,
            })),
        ),
      ),
  },
  {
    id: "services/key",
    title: "No encryption key in a unit",
    severity: "error",
    why: "a key from the build is shared by every clone, and a unit file can be read by everyone",
    fix: "write APPLIANCE_WILL_GENERATE_KEY in its place; each clone makes its own at its first boot. The key that was there is burnt",
    plant:
      "sed -i '/^EnvironmentFile/a Environment=MIGRATEKIT_CRED_ENCRYPTION_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' services/oma-api.service",
    examine: ({ units }) =>
      units.flatMap((unit) =>
        valuesOf(unit, "Environment").flatMap(({ value, line }) => {
          const [, name, given = ""] = /\b(\w*ENCRYPTION_KEY)=([^\s"']*)/u.exec(value) ?? [];
          return name && !isPlaceholder(given) && !given.startsWith("$")
            ? [
                {
                  object: `${unit.path} line ${line}`,
                  because: `${name} has a value of ${given.length} characters`,
                },
              ]
            : [];
        }),
      ),
  },
  {
    id: "services/placeholder",
    title: "No placeholder where a value must be",
    severity: "error",
    why: "nobody replaces it, and the service starts with the words themselves",
    fix: "write the value; only an encryption key in Environment= stays a placeholder, since each clone makes its own",
    plant: "sed -i 's/-db-host=localhost/-db-host=CONFIGURE_DURING_SETUP/' services/oma-api.service",
    examine: ({ units }) =>
      units.flatMap((unit) =>
        unit.settings
          .filter(
            ({ key, value }) =>
              placeholders.test(value) && !(key === "Environment" && /ENCRYPTION_KEY=/u.test(value)),
          )
          .map(({ key, value, line }) => ({
            object: `${unit.path} line ${line}`,
            because: `${key} has ${placeholders.exec(value)?.[0]}`,
          })),
      ),
  },
  {
    id: "services/user",
    title: "Units run as users that there are",
    severity: "error",
    why: "a unit whose user does not exist ends with status 217/USER",
    fix: "take oma_admin, or root where the service needs it",
    plant: "sed -i 's/^User=oma_admin/User=ossea-migrate/' services/migration-gui.service",
    examine: ({ units, wanted }) =>
      units.flatMap((unit) =>
        [...valuesOf(unit, "User"), ...valuesOf(unit, "Group")]
          .filter(({ value }) => !wanted.users.includes(value))
          .map(({ key, value, line }) => ({
            object: `${unit.path} line ${line}`,
            because: `${key} is ${value}; the appliance has ${wanted.users.join(", ")}`,
          })),
      ),
  },
  {
    id: "services/program",
    title: "Units start programs that the build places",
    severity: "error",
    why: "a program of a developer's machine is not there on the appliance",
    fix: "ExecStart is the target in the manifest, or a program of the system below /usr",
    plant:
      "sed -i 's,^ExecStart=/usr/local/bin/volume-daemon,ExecStart=/home/dev/volume-daemon,' services/volume-daemon.service",
    examine: ({ units, wanted }) =>
      units.flatMap((unit) =>
        valuesOf(unit, "ExecStart")
          .map((setting) => ({ ...setting, program: /^[-@:+!]*(\S*)/u.exec(setting.value)?.[1] ?? "" }))
          .filter(
            ({ program }) =>
              program !== "" && !/^\/(usr\/)?s?bin\//u.test(program) && !wanted.programs.includes(program),
          )
          .map(({ program, line }) => ({
            object: `${unit.path} line ${line}`,
            because: `nothing is placed at ${program}`,
          })),
      ),
  },
  {
    id: "services/unknown-key",
    title: "systemd knows every key",
    severity: "error",
    why: "a key that systemd does not know is ignored: TTY= leaves the wizard without a console",
    fix: "systemd-analyze verify FILE; TTYPath= is the key for a console",
    plant: "sed -i 's/^TTYPath=/TTY=/' services/oma-autologin.service",
    examine: ({ units }) =>
      units.flatMap(({ path, unknown }) => unknown.map((because) => ({ object: path, because }))),
  },
  {
    id: "services/gui-requires-api",
    title: "The GUI outlives the API",
    severity: "error",
    why: "with Requires= the GUI is stopped with the API, and nobody sees why",
    fix: "Wants=oma-api.service in place of Requires=",
    plant: "sed -i 's/^Wants=oma-api/Requires=oma-api/' services/migration-gui.service",
    examine: ({ units }) =>
      units
        .filter(({ path }) => path.endsWith("/migration-gui.service"))
        .flatMap((unit) =>
          ["Requires", "BindsTo", "Requisite"]
            .flatMap((key) => valuesOf(unit, key))
            .filter(({ value }) => value.includes("oma-api"))
            .map(({ key, line }) => ({
              object: `${unit.path} line ${line}`,
              because: `it has ${key}=oma-api.service`,
            })),
        ),
  },
  {
    id: "services/gui-start",
    title: "The GUI starts with its own Next.js",
    severity: "error",
    why: "a globally installed next is not there, and npm run start drops the flags behind it",
    fix: "ExecStart=/usr/bin/npx next start --port 3001 --hostname 0.0.0.0",
    plant: "sed -i 's,/usr/bin/npx next start,/usr/local/bin/next start,' services/migration-gui.service",
    examine: ({ units }) =>
      units
        .filter(({ path }) => path.endsWith("/migration-gui.service"))
        .flatMap((unit) =>
          valuesOf(unit, "ExecStart")
            .filter(({ value }) => !/^\S*\bnpx\s+(?:--\S+\s+)*next\s+start\b/u.test(value))
            .map(({ value, line }) => ({
              object: `${unit.path} line ${line}`,
              because: `it starts ${value.split(/\s+/u).slice(0, 3).join(" ")}`,
            })),
        ),
  },
  {
    id: "services/restart",
    title: "A service that ends is started again",
    severity: "warning",
    why: "a wizard that ends leaves the console dead, a service the appliance",
    fix: "Restart=always with RestartSec=",
    plant: "sed -i '/^Restart=/d' services/oma-autologin.service",
    examine: ({ units }) =>
      units
        .filter(
          (unit) => !valuesOf(unit, "Restart").some(({ value }) => ["always", "on-failure"].includes(value)),
        )
        .map(({ path }) => ({
          object: path,
          because: "it has neither Restart=always nor Restart=on-failure",
        })),
  },
];
