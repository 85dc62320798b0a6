/**
 * A Pulumi provider from plain handlers. This folder knows gRPC and Pulumi's wire, and nothing of any cloud.
 *
 * A provider is three things:
 *
 *     // thing.ts: a resource. Properties are declared in `schema` and nowhere else.
 *     export const thing: ResourceHandler<ThingInputs, ThingState, Client> = {
 *       token: "example:index:Thing",
 *       schema: {
 *         inputProperties: { name: { type: "string", willReplaceOnChanges: true }, size: { type: "integer" } },
 *         requiredInputs: ["size"],
 *         properties: { name: ..., size: ..., address: { type: "string" }, key: { type: "string", secret: true } },
 *         required: ["name", "size", "address", "key"],
 *       },
 *       check: (news, { olds, name }) => ({ inputs: { ...news, name: news.name ?? olds?.name ?? name }, faults: [] }),
 *       create: async (inputs, { client, signal, log, save }) => {
 *         const id = await client.begin(inputs, signal);
 *         save(id, inputs);                       // from here on a failure keeps the object in the state
 *         log.status("waiting for its address");
 *         return { id, state: { ...inputs, ...(await client.wait(id, signal)) } };
 *       },
 *       read: async (id, known, { client }) => ...   // undefined = gone; give `inputs` too, then import works
 *       update: async (old, news, { client }) => ... // left out: every change replaces
 *       delete: async (old, { client }) => ...
 *     };
 *
 *     // provider.ts
 *     export const provider: Provider<Client> = {
 *       schema: { name: "example", version: "1.0.0", config: {...}, language: {...} },
 *       resources: [thing],
 *       functions: [getThing],                    // { token, schema, invoke(args, context) }
 *       configure: (config) => new Client(config), // environment fall-backs belong here
 *     };
 *
 *     // main.ts
 *     await serve(provider);
 *
 * What handlers can count on:
 * - Secrets arrive as plain values (`context.secretInputs` names them) and are secret again in inputs and outputs: what
 *   the schema says is secret, what came as a secret under the same name, and `secrets` of a created state. Secret
 *   texts are blotted out of messages and errors.
 * - What a preview cannot know is `unknown` (test with `isUnknown`). `create` and `update` never run in a preview:
 *   outputs come from `preview`, or by default from the inputs of the same name, everything else being unknown.
 * - Files are `Asset` and `Archive`, and go back unchanged.
 * - `diff` is given every moved leaf. By default a property declared `willReplaceOnChanges` replaces; `differenceOf`
 *   is that default, to build on. `costs` are told to the user.
 * - `onceRecorded` of a created object runs when the engine has written it down, and not when it was killed before.
 * - `context.signal` fires when the user cancels, on the resource's customTimeouts and when the engine is gone.
 * - A `Problem` reaches the user as it is; anything else is a bug and comes with its stack.
 */
export type { Context, CreateContext, Log, Predecessor } from "./context.ts";
export {
  type Change,
  type Difference,
  differenceOf,
  type Move,
  movesBetween,
  moveText,
} from "./difference.ts";
export type {
  AnyFunction,
  AnyResource,
  Checked,
  CheckRequest,
  Created,
  Existing,
  Fault,
  FunctionHandler,
  Provider,
  Refreshed,
  ResourceHandler,
} from "./handler.ts";
export { isInside, type Path, pathText } from "./paths.ts";
export type { FunctionSpec, ObjectSpec, PackageSpec, PropertySpec, ResourceSpec } from "./schema.ts";
export { serve } from "./serve.ts";
export { type Listening, listen, schemaOf } from "./server.ts";
export { Archive, Asset, containsUnknown, isUnknown, type Properties, unknown } from "./values.ts";
