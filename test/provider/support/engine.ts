/** The engine's side of a provider: real gRPC over loopback, in plain values. */
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  GetSchemaResponse,
  InvokeResponse,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { listen, type PackageSpec, type Provider } from "../../../providers/rpc/index.ts";

export type Wire = Record<string, unknown>;

export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A secret as the engine sends it. */
export function secret(value: unknown): Wire {
  return { [signatureKey]: secretSignature, value };
}

export function assetOf(parts: Wire): Wire {
  return { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", ...parts };
}

export interface Details {
  changes: boolean;
  replaces: string[];
  detailed: Record<string, string>;
  deleteBeforeReplace: boolean;
}

/** What a failed call carried. */
export interface Failure {
  code: number;
  text: string;
  partial: { id: string; properties: Wire; reasons: string[] } | undefined;
}

export interface Engine {
  schema(): Promise<PackageSpec>;
  configure(config?: Wire, owner?: string): Promise<void>;
  checkConfig(config: Wire): Promise<Record<string, string>>;
  invoke(token: string, args: Wire): Promise<Wire>;
  check(urn: string, news: Wire, olds?: Wire): Promise<{ inputs: Wire; faults: Record<string, string> }>;
  diff(urn: string, id: string, olds: { inputs: Wire; state: Wire }, news: Wire): Promise<Details>;
  create(
    urn: string,
    inputs: Wire,
    options?: { preview?: boolean; timeout?: number },
  ): Promise<{ id: string; state: Wire }>;
  read(
    urn: string,
    id: string,
    known?: { inputs: Wire; state: Wire },
  ): Promise<{ id: string; state: Wire; inputs: Wire }>;
  update(
    urn: string,
    id: string,
    olds: { inputs: Wire; state: Wire },
    news: Wire,
    options?: { preview?: boolean },
  ): Promise<Wire>;
  delete(urn: string, id: string, state: Wire, inputs?: Wire): Promise<void>;
  cancel(): Promise<void>;
  close(): void;
}

export function urnOf(token: string, name: string): string {
  return `urn:pulumi:test::project::${token}::${name}`;
}

export interface OwnEngine extends Engine {
  /** As the engine ends a provider in good order. */
  farewell(): Promise<void>;
}

/** `close` is how an engine that is killed ends. */
export async function engineFor<C>(provider: Provider<C>, logAddress?: string): Promise<OwnEngine> {
  const listening = await listen(provider, logAddress);
  const engine = connect(listening.port);
  return {
    ...engine,
    farewell: () => listening.finish(),
    close: () => {
      engine.close();
      listening.close();
    },
  };
}

export function connect(port: number): Engine {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    async schema() {
      const response = await ask<GetSchemaResponse>((answer) =>
        client.getSchema(new messages.GetSchemaRequest(), answer),
      );
      return JSON.parse(response.getSchema()) as PackageSpec;
    },
    async configure(config = {}, owner = "") {
      const request = new messages.ConfigureRequest();
      request.setArgs(struct(config));
      request.setId(owner);
      request.setAcceptsecrets(true);
      request.setAcceptresources(true);
      await ask<ConfigureResponse>((answer) => client.configure(request, answer));
    },
    async checkConfig(config) {
      const request = new messages.CheckRequest();
      request.setNews(struct(config));
      return faultsOf(await ask<CheckResponse>((answer) => client.checkConfig(request, answer)));
    },
    async invoke(token, args) {
      const request = new messages.InvokeRequest();
      request.setTok(token);
      request.setArgs(struct(args));
      return plain((await ask<InvokeResponse>((answer) => client.invoke(request, answer))).getReturn());
    },
    async check(urn, news, olds = {}) {
      const request = new messages.CheckRequest();
      request.setUrn(urn);
      request.setNews(struct(news));
      request.setOlds(struct(olds));
      request.setRandomseed(Buffer.alloc(32, 7));
      const response = await ask<CheckResponse>((answer) => client.check(request, answer));
      return { inputs: plain(response.getInputs()), faults: faultsOf(response) };
    },
    async diff(urn, id, olds, news) {
      const request = new messages.DiffRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setOlds(struct(olds.state));
      request.setOldInputs(struct(olds.inputs));
      request.setNews(struct(news));
      const response = await ask<DiffResponse>((answer) => client.diff(request, answer));
      const kinds = messages.PropertyDiff.Kind;
      const detailed = response.getDetaileddiffMap().getEntryList() as unknown as [
        string,
        { getKind(): number } | undefined,
      ][];
      return {
        changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        detailed: Object.fromEntries(
          [...detailed].map(([path]) => {
            const kind = response.getDetaileddiffMap().get(path)?.getKind();
            return [path, Object.entries(kinds).find(([, number]) => number === kind)?.[0] ?? "?"];
          }),
        ),
      };
    },
    async create(urn, inputs, options = {}) {
      const request = new messages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(struct(inputs));
      request.setPreview(options.preview ?? false);
      request.setTimeout(options.timeout ?? 0);
      const response = await ask<CreateResponse>((answer) => client.create(request, answer));
      return { id: response.getId(), state: plain(response.getProperties()) };
    },
    async read(urn, id, known) {
      const request = new messages.ReadRequest();
      request.setUrn(urn);
      request.setId(id);
      if (known) {
        request.setInputs(struct(known.inputs));
        request.setProperties(struct(known.state));
      }
      const response = await ask<ReadResponse>((answer) => client.read(request, answer));
      return {
        id: response.getId(),
        state: plain(response.getProperties()),
        inputs: plain(response.getInputs()),
      };
    },
    async update(urn, id, olds, news, options = {}) {
      const request = new messages.UpdateRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setOlds(struct(olds.state));
      request.setOldInputs(struct(olds.inputs));
      request.setNews(struct(news));
      request.setPreview(options.preview ?? false);
      return plain((await ask<UpdateResponse>((answer) => client.update(request, answer))).getProperties());
    },
    async delete(urn, id, state, inputs = state) {
      const request = new messages.DeleteRequest();
      request.setUrn(urn);
      request.setId(id);
      request.setProperties(struct(state));
      request.setOldInputs(struct(inputs));
      await ask<Empty>((answer) => client.delete(request, answer));
    },
    async cancel() {
      const { default: empties } = await import("google-protobuf/google/protobuf/empty_pb.js");
      await ask<Empty>((answer) => client.cancel(new empties.Empty(), answer));
    },
    close: () => client.close(),
  };
}

/** The failure that a call is expected to end with. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    (value) => {
      throw new Error(`the call succeeded with ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason as ServiceError,
  );
  if (typeof error.code !== "number") throw error;
  return { code: error.code, text: error.details, partial: partialOf(error) };
}

function partialOf(error: ServiceError): Failure["partial"] {
  const packed = error.metadata.get("grpc-status-details-bin")[0];
  if (!Buffer.isBuffer(packed)) return undefined;
  const detail = statuses.Status.deserializeBinary(packed).getDetailsList()[0];
  if (!detail) return undefined;
  const partial = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  return {
    id: partial.getId(),
    properties: plain(partial.getProperties()),
    reasons: partial.getReasonsList(),
  };
}

function ask<Response>(
  call: (answer: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });
}

function faultsOf(response: { getFailuresList(): { getProperty(): string; getReason(): string }[] }) {
  return Object.fromEntries(
    response.getFailuresList().map((fault) => [fault.getProperty(), fault.getReason()]),
  );
}

function struct(value: Wire): structs.Struct {
  return structs.Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
}

function plain(value: structs.Struct | undefined): Wire {
  return value?.toJavaScript() ?? {};
}
