import { Problem } from "../../../common/problem.ts";
import type { Context, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findRow, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { perform } from "../client/jobs.ts";
import { address, faultsIn, filledText, missing } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { movesThatCount } from "./object.ts";
import { attempt } from "./problems.ts";
import { resourceSchema } from "./properties.ts";

export interface StaticNatInputs {
  ipAddressId: string;
  instanceId: string;
  networkId?: string;
  guestIpAddress?: string;
}

export interface StaticNatState extends StaticNatInputs {
  ipAddress: string;
  guestIpAddress: string;
}

type Client = CloudStack;

const listing: Listing<answers.PublicAddress> = {
  command: "listPublicIpAddresses",
  row: answers.publicAddress,
};

export const staticNat: ResourceHandler<StaticNatInputs, StaticNatState, Client> = {
  token: "cloudstack:index:StaticNat",
  schema: resourceSchema({
    description:
      "Gives an instance the whole of a public address (`enableStaticNat`). A `FirewallRule` says who may come in.\n\nImported by the address's id.",
    inputs: {
      ipAddressId: { type: "string", willReplaceOnChanges: true, description: "Id of a `PublicIpAddress`." },
      instanceId: { type: "string", willReplaceOnChanges: true },
      networkId: {
        type: "string",
        willReplaceOnChanges: true,
        description: "For an address of a VPC: the tier.",
      },
      guestIpAddress: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Of an instance that has several in the network.",
      },
    },
    required: ["ipAddressId", "instanceId"],
    outputs: { ipAddress: { type: "string", description: "The public address." } },
    present: ["ipAddressId", "instanceId", "ipAddress", "guestIpAddress"],
  }),

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["ipAddressId", "instanceId"]),
      ...faultsIn(
        { ...news },
        { ipAddressId: filledText, instanceId: filledText, networkId: filledText, guestIpAddress: address },
      ),
    ],
  }),

  // An address is one instance's at a time.
  diff: (old, news, moves) => ({
    changes: movesThatCount(old, news, moves).map((move) => ({ ...move, replace: true })),
    deleteBeforeReplace: news.ipAddressId === old.inputs.ipAddressId,
  }),

  create: (inputs, context) => {
    const { ipAddressId: id, instanceId } = inputs;
    const about = { what: "cannot give the address to the instance", object: id };
    return attempt(context.client, about, async () => {
      const found = await findRow(context.client, listing, id);
      const holder = found?.isstaticnat === true ? found.virtualmachineid : undefined;
      if (holder !== undefined && holder !== instanceId) throw taken(found?.ipaddress ?? id, holder);
      // Asked twice for the same instance, as after a try that was cut off, it changes nothing.
      await context.client.call(
        "enableStaticNat",
        {
          ipaddressid: id,
          virtualmachineid: instanceId,
          ...(inputs.networkId !== undefined && { networkid: inputs.networkId }),
          ...(inputs.guestIpAddress !== undefined && { vmguestip: inputs.guestIpAddress }),
        },
        context.signal,
      );
      context.save(id, inputs);
      const row = await findRow(context.client, listing, id);
      if (row?.isstaticnat !== true) throw new Error(`enableStaticNat of ${id} had no effect`);
      return { id, state: stateOf(row, inputs) };
    });
  },

  read: (id, known, context) => {
    const about = { what: "cannot look at the static NAT", object: id };
    return attempt(context.client, about, async () => {
      const row = await findRow(context.client, listing, id);
      if (row?.isstaticnat !== true || row.virtualmachineid === undefined) return undefined;
      const inputs = { ...known.inputs, ipAddressId: id, instanceId: row.virtualmachineid };
      return { state: stateOf(row, inputs), inputs };
    });
  },

  delete: (old, context) => {
    const about = { what: "cannot take the address back", object: old.id };
    return attempt(context.client, about, () => release(old.id, old.state.instanceId, context));
  },
};

/** Only what this instance has: the address may be another one's by now. */
async function release(id: string, instanceId: string, context: Context<Client>): Promise<void> {
  const row = await findRow(context.client, listing, id);
  if (row?.isstaticnat !== true || row.virtualmachineid !== instanceId) return;
  const waiting = waitingOf(context, `taking back ${row.ipaddress}`);
  await perform(context.client, "disableStaticNat", { ipaddressid: id }, waiting);
}

function stateOf(row: answers.PublicAddress, inputs: StaticNatInputs): StaticNatState {
  return { ...inputs, ipAddress: row.ipaddress, guestIpAddress: row.vmipaddress ?? "" };
}

function taken(address: string, holder: string): Problem {
  return new Problem({
    what: "cannot give the address to the instance",
    object: address,
    because: `it is instance ${holder}'s by static NAT`,
    next: "take another address, or remove its static NAT first: cmk disable staticnat ipaddressid=...",
  });
}
