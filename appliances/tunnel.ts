/**
 * The tunnel from a VMA to its OMA, once for both ends: what the VMA asks for, what the OMA's sshd allows, and what the
 * checks of both look for. The assets say the same in ssh's own words; a test compares them.
 */
export const tunnel = {
  /** The one TCP port that customers' firewalls let a VMA reach. */
  port: 443,
  user: "vma_tunnel",
  /** Port of the VMA's loopback -> port of the OMA's. */
  forwards: [
    // NBD: the product has this port compiled in.
    { from: 10808, to: 10809 },
    // The OMA's API.
    { from: 8082, to: 8082 },
  ],
  /** Ports of the OMA's loopback, one for each VMA, that lead to that VMA's API. */
  reverse: { first: 9081, last: 9096, to: 8081 },
  /** A dead tunnel is noticed after interval times count seconds. */
  aliveIntervalSeconds: 15,
  aliveCount: 3,
} as const;

const loopback = "127.0.0.1";

/** What the OMA's sshd lets a VMA open: "127.0.0.1:10809 127.0.0.1:8082". */
export const permittedOpen = tunnel.forwards.map(({ to }) => `${loopback}:${to}`).join(" ");

/** What it may listen on, as a list of which each VMA's key has one. */
export const permittedListen = Array.from(
  { length: tunnel.reverse.last - tunnel.reverse.first + 1 },
  (_, position) => `${loopback}:${tunnel.reverse.first + position}`,
);

/** As `ssh -G` shows them. */
export const localForwards = tunnel.forwards
  .map(({ from, to }) => `localforward [${loopback}]:${from} [${loopback}]:${to}`)
  .sort();
