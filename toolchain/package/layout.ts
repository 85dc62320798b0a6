/** Where the parts of a package lie: the folders of the build report. */
export const gui = "binaries/migration-gui.tar.gz";
export const schema = "database/schema-only.sql";
export const seed = "database/initial-data.sql";
export const migrations = "database/migrations/";
export const objects = "database/objects.yaml";
export const wizard = "scripts/oma-setup-wizard.sh";
export const manifestFile = "artifacts.yaml";

export const services = ["oma-api", "volume-daemon", "migration-gui", "oma-autologin"].map(
  (name) => `services/${name}.service`,
);

/** A program is a file of its artifact's name, the GUI an archive of it. */
export function binaryPath(name: string, kind: "file" | "tar"): string {
  return kind === "tar" ? `binaries/${name}.tar.gz` : `binaries/${name}`;
}
