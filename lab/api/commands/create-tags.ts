import { addTags, tagged } from "../../cloud/tags.ts";
import { asyncCommand } from "../command.ts";
import { keyValues, list, text, withoutEffect } from "../parameters.ts";

export const createTags = asyncCommand({
  name: "createTags",
  description: "Creates resource tag(s)",
  event: { type: "CREATE_TAGS", doing: "creating resource tags" },
  since: "4.0.0",
  commandClass: "user.tag.CreateTagsCmd",
  params: {
    tags: keyValues("tags[0].key=k&tags[0].value=v").required(),
    resourcetype: text("UserVm, Template, Volume, Network or Zone").required(),
    resourceids: list("ids").required(),
    customer: withoutEffect(text("whom it concerns")),
  },
  response: { success: "boolean" },
  submit: ({ values, caller }, cloud) => ({
    async work() {
      return () => {
        addTags(cloud, tagged(cloud, values.resourcetype, values.resourceids), values.tags, caller.account);
        return { success: true };
      };
    },
  }),
});
