import { removeTags, tagged } from "../../cloud/tags.ts";
import { asyncCommand } from "../command.ts";
import { keyValues, list, text } from "../parameters.ts";

export const deleteTags = asyncCommand({
  name: "deleteTags",
  description: "Deleting resource tag(s)",
  event: { type: "DELETE_TAGS", doing: "deleting resource tags" },
  since: "4.0.0",
  commandClass: "user.tag.DeleteTagsCmd",
  params: {
    resourcetype: text("UserVm, Template, Volume, Network or Zone").required(),
    resourceids: list("ids").required(),
    tags: keyValues("tags[0].key=k; all tags without it"),
  },
  response: { success: "boolean" },
  submit: ({ values, caller }, cloud) => ({
    async work() {
      return () => {
        removeTags(
          cloud,
          tagged(cloud, values.resourcetype, values.resourceids),
          values.tags ?? [],
          caller.account,
        );
        return { success: true };
      };
    },
  }),
});
