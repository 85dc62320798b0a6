import { invalidValue } from "../../cloud/failure.ts";
import { removeTagsOf } from "../../cloud/networks.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteVolume = command({
  name: "deleteVolume",
  description: "Deletes a detached disk volume.",
  event: { type: "VOLUME.DELETE", doing: "deleting volume. Volume Id:" },
  params: { id: uuid("volumes", "the data disk").required() },
  response: { success: "boolean" },
  async run({ values }, cloud) {
    const volume = rowOf(cloud, "volumes", values.id);
    if (volume.instanceId !== undefined) {
      throw invalidValue("Please specify a volume that is not attached to any VM.");
    }
    await cloud.driver.removeDataDisk?.(volume.id);
    cloud.store.transaction(() => {
      removeTagsOf(cloud, volume.id);
      cloud.store.remove("volumes", volume.id);
    });
    return success();
  },
});
