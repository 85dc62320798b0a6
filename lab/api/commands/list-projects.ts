import { command } from "../command.ts";
import { visibilityParams } from "../owners.ts";
import { integer, text } from "../parameters.ts";

export const listProjects = command({
  name: "listProjects",
  description: "Lists projects and provides detailed information for listed projects",
  params: {
    id: text("the project"),
    name: text("exact name"),
    keyword: text("substring of the name"),
    page: integer("page, from 1"),
    pagesize: integer("rows of a page"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string" },
  /** The lab has none. */
  run: () => ({}),
});
