/** npm run docs: writes the parts of the documents that are made from records again. */
import { writeDocuments } from "../documents/index.ts";
import { paths } from "../project.ts";
import type { Command } from "./command.ts";

export const docs: Command = async () => {
  const written = writeDocuments(paths.root);
  process.stdout.write(written.length === 0 ? "Nothing has moved.\n" : `Written: ${written.join(", ")}\n`);
  return 0;
};
