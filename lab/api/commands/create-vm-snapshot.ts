import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { apiTime } from "../../cloud/time.ts";
import { asyncCommand } from "../command.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceName } from "../views/instance.ts";
import { instanceSnapshotView } from "../views/snapshot.ts";

/** vmsnapshot.max */
const most = 10;

export const createVMSnapshot = asyncCommand({
  name: "createVMSnapshot",
  description: "Creates an Instance Snapshot for an Instance.",
  event: { type: "VMSNAPSHOT.CREATE", doing: "creating snapshot for VM. VM Snapshot Id:" },
  commandClass: "user.vmsnapshot.CreateVMSnapshotCmd",
  creates: true,
  params: {
    virtualmachineid: uuid("instances", "the instance").required(),
    name: text("its name, once in an instance"),
    description: text("for people"),
    snapshotmemory: flag("with the memory of a running instance"),
    quiescevm: withoutEffect(flag("asks the guest to hold still")),
  },
  response: { id: "string", name: "string", state: "string" },
  submit({ values }, cloud) {
    const { store } = cloud;
    const instance = rowOf(cloud, "instances", values.virtualmachineid);
    if (instance.state !== "Running" && instance.state !== "Stopped") {
      throw invalidValue(
        `Creating vm snapshot failed due to VM:${instance.name} is not in the running or Stopped state`,
      );
    }
    if (values.snapshotmemory && instance.state !== "Running") {
      throw invalidValue("Can not snapshot memory when VM is not in Running state");
    }
    // Its disk could not be brought back: better to say so than to keep a promise that is none.
    if (cloud.driver.name !== "none") {
      throw invalidValue(`the machines of this lab have no instance snapshots: ${instance.name}`);
    }
    const own = store.filter("instanceSnapshots", (row) => row.instanceId === instance.id);
    if (values.name && own.some(({ displayName }) => displayName === values.name)) {
      throw invalidValue(
        `Creating vm snapshot failed due to VM snapshot with name ${values.name}  already exists`,
      );
    }
    if (own.length >= most) {
      throw invalidValue(
        `Creating vm snapshot failed due to a VM can just have : ${most} VM snapshots. Please delete old ones`,
      );
    }
    const id = store.newId("instanceSnapshots");
    store.put("instanceSnapshots", {
      id,
      number: store.nextNumber("instanceSnapshots"),
      name: `${instanceName(cloud, instance)}_VS_${apiTime().replace(/\D/gu, "").slice(0, 14)}`,
      ...(values.name ? { displayName: values.name } : {}),
      description: values.description ?? "",
      accountId: instance.accountId,
      instanceId: instance.id,
      withMemory: values.snapshotmemory === true,
      created: apiTime(),
    });
    return shown(cloud, id);
  },
  resume: (job, cloud) => shown(cloud, job.instanceId ?? ""),
});

function shown(cloud: Cloud, id: string): Plan {
  return {
    instanceType: "VmSnapshot",
    instanceId: id,
    work: async () => () => ({
      vmsnapshot: instanceSnapshotView(cloud, cloud.store.need("instanceSnapshots", id)),
    }),
    failed: () => cloud.store.forget("instanceSnapshots", id),
  };
}
