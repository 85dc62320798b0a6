/** The ResourceProvider gRPC service over a provider's handlers. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import {
  type IResourceProviderServer,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConfigureResponse,
  DiffRequest,
  DiffResponse,
  GetSchemaResponse,
  InvokeRequest,
  InvokeResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { channelOptions } from "./channel.ts";
import { movesBetween } from "./difference.ts";
import { callFailure, serviceError, UnknownToken } from "./errors.ts";
import type { Provider } from "./handler.ts";
import { check, create, diff, failure, read, remove, update } from "./resources.ts";
import type { PackageSpec } from "./schema.ts";
import { Session, secretTextsOf } from "./session.ts";
import { decode, encode, type Properties } from "./values.ts";

export interface Listening {
  port: number;
  /** Stops the work that is under way; the calls answer with an error. */
  cancel(reason: string): void;
  /** Resolves when no work is under way. */
  idle(): Promise<void>;
  /** Does now what waits for the engine to have written its objects down. */
  finish(): Promise<void>;
  close(): void;
}

/**
 * Listens on a free port of loopback.
 * @param engineAddress where messages for the user go; without one they go to stderr
 */
export async function listen<C>(provider: Provider<C>, engineAddress?: string): Promise<Listening> {
  const session = new Session(provider, engineAddress);
  const server = new Server(channelOptions);
  server.addService(ResourceProviderService, serviceOf(session));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    cancel: (reason) => session.cancel(reason),
    idle: () => session.idle(),
    finish: () => session.afterwards.finish(),
    close: () => {
      session.afterwards.dropAll();
      server.forceShutdown();
    },
  };
}

/** The whole package schema: what the provider says of itself, and what its handlers declare. */
export function schemaOf<C>(provider: Provider<C>): PackageSpec {
  return {
    ...provider.schema,
    resources: Object.fromEntries(provider.resources.map(({ token, schema }) => [token, schema])),
    functions: Object.fromEntries((provider.functions ?? []).map(({ token, schema }) => [token, schema])),
  };
}

// Calls that are not here (construct, call, list, parameterize) are answered as not implemented by the server.
type Service = Partial<IResourceProviderServer>;

function serviceOf<C>(session: Session<C>): IResourceProviderServer {
  const service: Service = {
    handshake: unary(async (request) => {
      session.attach(request.getEngineAddress());
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    attach: unary(async (request) => {
      session.attach(request.getAddress());
      return new empties.Empty();
    }),
    getPluginInfo: unary(async () => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion(session.provider.schema.version);
      return info;
    }),
    getSchema: unary(async () => schemaResponse(session.provider)),
    getMapping: unary(async () => new messages.GetMappingResponse()),
    getMappings: unary(async () => new messages.GetMappingsResponse()),
    checkConfig: unary(async (request) => checkConfig(session, request)),
    diffConfig: unary(async (request) => diffConfig(request)),
    configure: unary((request) => configure(session, request)),
    cancel: unary(async () => {
      session.cancel("cancelled by the user");
      return new empties.Empty();
    }),
    invoke: unary((request) => invoke(session, request)),
    check: unary((request) => check(session, request)),
    diff: unary((request) => diff(session, request)),
    create: unary((request) => create(session, request)),
    read: unary((request) => read(session, request)),
    update: unary((request) => update(session, request)),
    delete: unary(async (request) => {
      await remove(session, request);
      return new empties.Empty();
    }),
  };
  return service as IResourceProviderServer;
}

function unary<Request, Response>(work: (request: Request) => Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
    work(call.request).then(
      (response) => answer(null, response),
      (error: unknown) => answer(serviceError(callFailure(error))),
    );
  };
}

function schemaResponse<C>(provider: Provider<C>): GetSchemaResponse {
  const response = new messages.GetSchemaResponse();
  response.setSchema(JSON.stringify(schemaOf(provider)));
  return response;
}

function checkConfig<C>(session: Session<C>, request: CheckRequest): CheckResponse {
  const response = new messages.CheckResponse();
  const { properties } = decode(request.getNews());
  response.setInputs(request.getNews());
  response.setFailuresList((session.provider.checkConfig?.(properties) ?? []).map(failure));
  return response;
}

/** Another endpoint or another key never replaces the resources by itself. */
function diffConfig(request: DiffRequest): DiffResponse {
  const olds = decode(request.hasOldInputs() ? request.getOldInputs() : request.getOlds());
  const news = decode(request.getNews());
  const moves = movesBetween(olds.properties, news.properties);
  const { DiffChanges } = messages.DiffResponse;
  const response = new messages.DiffResponse();
  response.setChanges(moves.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...new Set(moves.map(({ property }) => property))]);
  return response;
}

async function configure<C>(session: Session<C>, request: ConfigureRequest): Promise<ConfigureResponse> {
  const { properties } = decode(request.getArgs());
  await session.configure(configOf(session.provider, properties), request.getId() || undefined);
  const response = new messages.ConfigureResponse();
  response.setAcceptsecrets(true);
  response.setSupportspreview(true);
  return response;
}

/** The engine sends numbers, booleans and objects of a provider's configuration as JSON text. */
function configOf<C>(provider: Provider<C>, sent: Properties): Properties {
  const variables = provider.schema.config?.variables ?? {};
  return Object.fromEntries(
    Object.entries(sent)
      .filter(([name]) => name !== "version" && name !== "pluginDownloadURL")
      .map(([name, value]) => [name, plainConfig(variables[name]?.type, value)]),
  );
}

function plainConfig(type: string | undefined, value: unknown): unknown {
  if (typeof value !== "string" || type === undefined || type === "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

async function invoke<C>(session: Session<C>, request: InvokeRequest): Promise<InvokeResponse> {
  const token = request.getTok();
  const handler = session.functions.get(token);
  if (!handler) throw new UnknownToken(`${session.provider.schema.name} has no function ${token}`);
  const args = decode(request.getArgs());
  const call = {
    urn: "",
    timeoutSeconds: 0,
    preview: request.getPreview(),
    secretInputs: args.secrets,
    secretTexts: secretTextsOf([args]),
  };
  const result = await session.within(call, (context) => handler.invoke(args.properties, context));
  const secrets = Object.entries(handler.schema.outputs?.properties ?? {}).filter(([, spec]) => spec.secret);
  const response = new messages.InvokeResponse();
  response.setReturn(
    encode(
      result,
      secrets.map(([name]) => [name]),
    ),
  );
  return response;
}
