/** How to reach and enter one machine over SSH. */
export interface SshTarget {
  host: string;
  port: number;
  user: string;
  /** OpenSSH or PEM text. Tried before the password. */
  privateKey?: string;
  privateKeyPassword?: string;
  /** Answers password and keyboard-interactive authentication. */
  password?: string;
  agentSocketPath?: string;
  /**
   * The only host keys to accept, one `ssh-ed25519 AAAA... [comment]` a line.
   * Without it any host key is accepted: give it wherever the key can be known.
   */
  hostKey?: string;
  /** Longest time for one attempt, TCP to authenticated, in seconds. 0 is no limit. Default 15. */
  perDialTimeoutSeconds?: number;
  /** How many failed attempts are forgiven before giving up; -1 is without end. Default 10. */
  dialErrorLimit?: number;
  /** Longest pause between two attempts, in seconds. Default 5. */
  maxRetryDelaySeconds?: number;
  /** A machine to go through, itself dialled with its own settings. */
  proxy?: SshTarget;
}

/** `user@host:port`, for messages; holds no secret. */
export function describeTarget(target: SshTarget): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.user}@${host}:${target.port}`;
}

/** The command that a person types to look for themselves. */
export function sshCommandLine(target: SshTarget): string {
  const jump = target.proxy ? `-J ${target.proxy.user}@${target.proxy.host}:${target.proxy.port} ` : "";
  return `ssh -v ${jump}-p ${target.port} ${target.user}@${target.host} true`;
}
