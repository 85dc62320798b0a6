/** Where things are: everything that the project makes for itself has its one place here. */
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ProjectPaths {
  root: string;
  /** What is made at run time, git-ignored. */
  own: string;
  pulumiHome: string;
  state: string;
  passphrase: string;
  /** Which source served each part of the engine. */
  engineRecord: string;
  /** The project's own Node.js. */
  node: string;
  nodeModulesBin: string;
  /** Dear things, keyed by their inputs and shared by clones. */
  cache: string;
}

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function pathsOf(folder: string, environment: NodeJS.ProcessEnv = process.env): ProjectPaths {
  const own = join(folder, ".ossea");
  const cacheHome = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return {
    root: folder,
    own,
    pulumiHome: join(own, "pulumi-home"),
    state: join(own, "state"),
    passphrase: join(own, "passphrase"),
    engineRecord: join(own, "engine.json"),
    node: process.execPath,
    nodeModulesBin: join(folder, "node_modules", ".bin"),
    cache: join(cacheHome, "ossea-appliances"),
  };
}

export const paths: ProjectPaths = pathsOf(root);
