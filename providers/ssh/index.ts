/** SSH for the providers: dialling with patience and pinned host keys, commands, files, tunnels and keys. */
export { type ExecOptions, type ExecResult, SessionNotOpened, SshConnection } from "./connection.ts";
export { Connections } from "./connections.ts";
export { type ConnectOptions, connect, type FailedAttempt } from "./dial.ts";
export { RemoteFiles } from "./files.ts";
export {
  fingerprint,
  generateKeyPair,
  type KeyPair,
  parsePublicKeyLine,
  parsePublicKeyLines,
} from "./keys.ts";
export { shownOf } from "./shown.ts";
export { describeTarget, type SshTarget, sshCommandLine } from "./target.ts";
