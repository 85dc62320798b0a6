/** A stand-in for Pulumi's random plugin, for where that cannot be downloaded: same tokens, properties and states. */
import type { Provider } from "../rpc/index.ts";
import { randomBytes } from "./random-bytes.ts";
import { randomId } from "./random-id.ts";
import { randomInteger } from "./random-integer.ts";
import { randomPassword } from "./random-password.ts";
import { randomPet } from "./random-pet.ts";
import { randomShuffle } from "./random-shuffle.ts";
import { randomString } from "./random-string.ts";
import { randomUuid, randomUuid4, randomUuid7 } from "./random-uuid.ts";

export const randomProvider: Provider = {
  schema: {
    name: "random",
    version: "4.21.2",
    description: "A stand-in for Pulumi's random provider.",
    license: "Apache-2.0",
  },
  resources: [
    randomBytes,
    randomId,
    randomInteger,
    randomPassword,
    randomPet,
    randomShuffle,
    randomString,
    randomUuid,
    randomUuid4,
    randomUuid7,
  ],
  configure: () => undefined,
};
