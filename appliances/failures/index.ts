/** What went wrong in the field, 34 times, and what sees it now. */
import { binaryFailures } from "./binaries.ts";
import { databaseFailures } from "./database.ts";
import { serviceFailures } from "./services.ts";
import { tunnelFailures } from "./tunnel.ts";
import type { FieldFailure } from "./types.ts";

export const fieldFailures: readonly FieldFailure[] = [
  ...binaryFailures,
  ...databaseFailures,
  ...serviceFailures,
  ...tunnelFailures,
];
