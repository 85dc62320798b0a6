/** Every fault record of this folder: a new file is a new fault. */
import { exportsOf } from "../records.ts";
import type { Fault } from "./fault.ts";

const machinery = ["fault.ts", "active.ts", "all.ts"];

export const allFaults: readonly Fault[] = await exportsOf<Fault>(import.meta.dirname, machinery);
