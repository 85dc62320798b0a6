/** The engine's ear: what a plugin says to the person at the terminal. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";

export interface EngineEar {
  address: string;
  messages: string[];
  close(): void;
}

export async function listenForMessages(): Promise<EngineEar> {
  const messages: string[] = [];
  const server = new Server();
  const service: Partial<IEngineServer> = {
    log: (call, answer) => {
      messages.push(call.request.getMessage());
      answer(null, new empties.Empty());
    },
  };
  server.addService(EngineService, service as IEngineServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, messages, close: () => server.forceShutdown() };
}
