/** The life of a resource: from the engine's messages to the handler and back. */

import type {
  CheckRequest,
  CheckResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Context, CreateContext } from "./context.ts";
import { type Change, type Difference, differenceOf, movesBetween } from "./difference.ts";
import { callFailure, initFailed, UnknownToken } from "./errors.ts";
import type { AnyResource, Existing, Fault } from "./handler.ts";
import { type Path, pathText } from "./paths.ts";
import type { PropertySpec, ResourceSpec } from "./schema.ts";
import { type CallDescription, type Session, secretTextsOf } from "./session.ts";
import { type Decoded, decode, encode, type Properties, unknown } from "./values.ts";

export async function check<C>(session: Session<C>, request: CheckRequest): Promise<CheckResponse> {
  const handler = handlerFor(session, request);
  const olds = decode(request.getOlds());
  const news = decode(request.getNews());
  const response = new messages.CheckResponse();
  const hasOlds = Object.keys(olds.properties).length > 0;
  if (hasOlds) session.sawOld(request.getUrn());
  if (!handler.check) {
    response.setInputs(encode(news.properties, secretPaths(handler.schema.inputProperties, news.secrets)));
    return response;
  }
  const about = {
    olds: hasOlds ? olds.properties : undefined,
    name: request.getName() || nameOf(request.getUrn()),
    urn: request.getUrn(),
    randomSeed: request.getRandomseed_asU8(),
  };
  const checked = await session.within(
    description(handler, request.getUrn(), 0, false, news, olds),
    async (context) => handler.check?.(news.properties, about, context),
  );
  const inputs = checked?.inputs ?? news.properties;
  response.setInputs(encode(inputs, secretPaths(handler.schema.inputProperties, news.secrets)));
  response.setFailuresList((checked?.faults ?? []).map(failure));
  return response;
}

export async function diff<C>(session: Session<C>, request: DiffRequest): Promise<DiffResponse> {
  const handler = handlerFor(session, request);
  session.sawOld(request.getUrn(), request.getId());
  const state = decode(request.getOlds());
  const inputs = request.hasOldInputs() ? decode(request.getOldInputs()) : state;
  const news = decode(request.getNews());
  const old = { id: request.getId(), inputs: inputs.properties, state: state.properties };
  const moves = movesBetween(inputs.properties, news.properties);
  const call = description(handler, request.getUrn(), 0, false, news, state, inputs);
  const difference = await session.within(call, async (context) => {
    const answer = handler.diff
      ? await handler.diff(old, news.properties, moves, context)
      : differenceOf(handler.schema, moves, handler.update !== undefined);
    for (const cost of answer.costs ?? []) context.log.info(cost);
    return answer;
  });
  return diffResponse(difference);
}

export async function create<C>(session: Session<C>, request: CreateRequest): Promise<CreateResponse> {
  const handler = handlerFor(session, request);
  const inputs = decode(request.getProperties());
  const call = description(handler, request.getUrn(), request.getTimeout(), request.getPreview(), inputs);
  const response = new messages.CreateResponse();
  if (request.getPreview()) {
    const outputs = await session.within(call, (context) =>
      previewOf(handler, inputs.properties, undefined, context),
    );
    response.setProperties(encode(outputs, outputSecrets(handler.schema, inputs.secrets)));
    return response;
  }
  const created = await savingPartially(session, handler, call, inputs, (context) =>
    handler.create(inputs.properties, context),
  );
  if (created.onceRecorded) session.afterwards.add(created.id, created.onceRecorded);
  response.setId(created.id);
  response.setProperties(
    encode(created.state, outputSecrets(handler.schema, inputs.secrets, created.secrets)),
  );
  return response;
}

export async function update<C>(session: Session<C>, request: UpdateRequest): Promise<UpdateResponse> {
  const handler = handlerFor(session, request);
  const state = decode(request.getOlds());
  const oldInputs = request.hasOldInputs() ? decode(request.getOldInputs()) : state;
  const news = decode(request.getNews());
  const old = { id: request.getId(), inputs: oldInputs.properties, state: state.properties };
  const call = description(
    handler,
    request.getUrn(),
    request.getTimeout(),
    request.getPreview(),
    news,
    state,
    oldInputs,
  );
  const response = new messages.UpdateResponse();
  if (request.getPreview()) {
    const outputs = await session.within(call, (context) =>
      previewOf(handler, news.properties, old, context),
    );
    response.setProperties(encode(outputs, outputSecrets(handler.schema, news.secrets)));
    return response;
  }
  const updated = await savingPartially(session, handler, call, news, async (context) => {
    if (!handler.update) return { state: { ...state.properties, ...news.properties } };
    return handler.update(old, news.properties, context);
  });
  response.setProperties(encode(updated.state, outputSecrets(handler.schema, news.secrets, updated.secrets)));
  return response;
}

export async function read<C>(session: Session<C>, request: ReadRequest): Promise<ReadResponse> {
  const handler = handlerFor(session, request);
  const state = decode(request.getProperties());
  const inputs = decode(request.getInputs());
  const known = {
    ...(Object.keys(state.properties).length > 0 && { state: state.properties }),
    ...(request.hasInputs() && Object.keys(inputs.properties).length > 0 && { inputs: inputs.properties }),
  };
  const call = description(handler, request.getUrn(), request.getTimeout(), false, inputs, state);
  const id = request.getId();
  const found = handler.read
    ? await session.within(call, async (context) => handler.read?.(id, known, context))
    : { state: state.properties, inputs: inputs.properties };
  const response = new messages.ReadResponse();
  if (!found) return response;
  const secrets = [...state.secrets, ...inputs.secrets];
  response.setId(found.id ?? id);
  response.setProperties(encode(found.state, outputSecrets(handler.schema, secrets)));
  response.setInputs(
    encode(found.inputs ?? inputs.properties, secretPaths(handler.schema.inputProperties, secrets)),
  );
  return response;
}

export async function remove<C>(session: Session<C>, request: DeleteRequest): Promise<void> {
  const handler = handlerFor(session, request);
  const state = decode(request.getProperties());
  const inputs = request.hasOldInputs() ? decode(request.getOldInputs()) : state;
  const old = { id: request.getId(), inputs: inputs.properties, state: state.properties };
  const call = description(handler, request.getUrn(), request.getTimeout(), false, state, inputs);
  session.afterwards.drop(old.id);
  await session.within(call, async (context) => handler.delete?.(old, context));
}

/** When the work fails after it saved an id, the error carries what exists, so that nothing is orphaned. */
async function savingPartially<C, T>(
  session: Session<C>,
  handler: AnyResource<C>,
  call: CallDescription,
  inputs: Decoded,
  work: (context: CreateContext<C, Properties>) => Promise<T>,
): Promise<T> {
  let saved: { id: string; state: Properties } | undefined;
  try {
    return await session.within(call, (context) =>
      work({
        ...context,
        predecessor: session.predecessorOf(call.urn),
        save: (id, state) => {
          saved = { id, state };
        },
        forget: () => {
          saved = undefined;
        },
      }),
    );
  } catch (error) {
    if (!saved) throw error;
    const properties = encode(saved.state, outputSecrets(handler.schema, inputs.secrets));
    throw await initFailed(callFailure(error), saved.id, properties);
  }
}

async function previewOf<C>(
  handler: AnyResource<C>,
  inputs: Properties,
  old: Existing<Properties, Properties> | undefined,
  context: Context<C>,
): Promise<Properties> {
  const outputs: Properties = {};
  const told: Properties = (await handler.preview?.(inputs, old, context)) ?? {};
  for (const name of Object.keys(handler.schema.properties ?? {})) {
    if (Object.hasOwn(told, name)) outputs[name] = told[name];
    else if (inputs[name] !== undefined) outputs[name] = inputs[name];
    else if (old && handler.stable?.includes(name)) outputs[name] = old.state[name];
    else if (mayBeLeftOut(handler.schema, name)) outputs[name] = undefined;
    else outputs[name] = unknown;
  }
  return outputs;
}

/** An input that is not given has no output either, unless the object always has one. */
function mayBeLeftOut({ inputProperties = {}, required = [] }: ResourceSpec, name: string): boolean {
  return inputProperties[name] !== undefined && !required.includes(name);
}

function diffResponse(difference: Difference): DiffResponse {
  const response = new messages.DiffResponse();
  const { DiffChanges } = messages.DiffResponse;
  const { changes } = difference;
  response.setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...new Set(changes.map(({ property }) => property))]);
  response.setReplacesList([
    ...new Set(changes.filter(({ replace }) => replace).map(({ property }) => property)),
  ]);
  response.setDeletebeforereplace(difference.deleteBeforeReplace ?? false);
  response.setHasdetaileddiff(true);
  for (const change of changes) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kindOf(change));
    detail.setInputdiff(change.drift !== true);
    response.getDetaileddiffMap().set(pathText(change.path), detail);
  }
  return response;
}

function kindOf({ kind, replace }: Change) {
  const { Kind } = messages.PropertyDiff;
  switch (kind) {
    case "add":
      return replace ? Kind.ADD_REPLACE : Kind.ADD;
    case "delete":
      return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
    case "update":
      return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
  }
}

export function failure({ property, reason }: Fault) {
  const message = new messages.CheckFailure();
  message.setProperty(typeof property === "string" ? property : pathText(property));
  message.setReason(reason);
  return message;
}

function handlerFor<C>(
  session: Session<C>,
  request: { getType(): string; getUrn(): string },
): AnyResource<C> {
  const token = request.getType() || typeOf(request.getUrn());
  const handler = session.resources.get(token);
  if (!handler) throw new UnknownToken(`${session.provider.schema.name} has no resource ${token}`);
  return handler;
}

function description(
  { shown }: { shown?: readonly Path[] },
  urn: string,
  timeoutSeconds: number,
  preview: boolean,
  inputs: Decoded,
  ...others: Decoded[]
): CallDescription {
  const secretTexts = secretTextsOf([inputs, ...others], shown);
  return { urn, timeoutSeconds, preview, secretInputs: inputs.secrets, secretTexts };
}

function outputSecrets(schema: ResourceSpec, inputs: readonly Path[], more: readonly string[] = []): Path[] {
  return [...secretPaths(schema.properties, inputs), ...more.map((name) => [name])];
}

function secretPaths(properties: Record<string, PropertySpec> | undefined, inputs: readonly Path[]): Path[] {
  const declared = Object.entries(properties ?? {}).filter(([, spec]) => spec.secret);
  return [...inputs, ...declared.map(([name]) => [name])];
}

/** urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
