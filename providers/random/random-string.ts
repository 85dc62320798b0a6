import {
  characterFaults,
  characterInputs,
  characterType,
  drawCharacters,
  keepsCharacters,
  lengthOf,
  plannedCharacters,
  upgradeCharacters,
} from "./characters.ts";
import { randomResource } from "./kind.ts";

export const randomString = randomResource({
  name: "RandomString",
  description: "A random string that is no secret, drawn from the system's cryptographic generator.",
  inputs: characterInputs,
  required: ["length"],
  outputs: { result: { type: "string", description: "The generated random string." } },
  type: characterType,
  schemaVersion: 2,
  planned: plannedCharacters,
  faults: characterFaults,
  draw: (planned) => {
    const result = drawCharacters(planned);
    return { id: result, outputs: { result } };
  },
  import: (id) => ({ id, inputs: { length: lengthOf(id) }, outputs: { result: id } }),
  upgrade: upgradeCharacters,
  keeps: keepsCharacters,
});
