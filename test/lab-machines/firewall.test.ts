/** A host whose own firewall drops what it does not know, played in namespaces of its own. Needs root. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const home = mkdtempSync(join(tmpdir(), "lab-firewall-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const router = `${process.execPath} ${join(import.meta.dirname, "support/router.ts")} ${home}/lab`;

/** The host, another computer at 192.0.2.2, and between them a firewall as Docker or ufw leave it. */
const prepare = `
  set -eu
  mount -t tmpfs tmpfs /run
  mount -t sysfs sysfs /sys
  ip link set lo up
  ip netns add outside
  ip link add out0 type veth peer name eth0 netns outside
  ip address add 192.0.2.1/24 dev out0
  ip link set out0 up
  ip -n outside address add 192.0.2.2/24 dev eth0
  ip -n outside link set eth0 up
  ip -n outside link set lo up
  ip -n outside route add default via 192.0.2.1
  serve() {
    ip netns exec "$1" python3 -m http.server --bind "$2" 8000 >/dev/null 2>&1 &
    until ip netns exec "$1" curl -s "http://$2:8000/" >/dev/null; do sleep 0.1; done
  }
  ask() { ip netns exec "$1" curl -s -m 2 "http://$2:8000/" >/dev/null; }
  serve outside 192.0.2.2
  nft 'table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; iifname "docker0" accept; }; }'
  nft list ruleset >/run/before
  cat /proc/sys/net/ipv4/ip_forward >/run/forward-before
`;

function onSuchHost(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "unshare",
      [
        ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
        "bash",
        "-c",
        prepare + script,
      ],
      (error, stdout, stderr) =>
        error ? reject(new Error(`${stdout}${stderr}`, { cause: error })) : resolve(stdout),
    );
  });
}

test("guests get out through a firewall that drops by default, and down leaves it as it was", async () => {
  const said = await onSuchHost(`
    namespace=$(${router} up)
    ask "$namespace" 192.0.2.2 && echo out
    address=$(ip netns exec "$namespace" hostname -I | tr ' ' '\\n' | grep ^198)
    serve "$namespace" "$address"
    curl -s "http://$address:8000/" >/dev/null && echo "the host gets in"
    ask outside "$address" || echo "others do not"
    ${router} up >/dev/null
    nft list ruleset | grep -c 'comment "os' || true
    nft list chain ip filter FORWARD >/run/open
    nft flush chain ip filter FORWARD
    ask "$namespace" 192.0.2.2 || echo "closed without it"
    { echo 'flush chain ip filter FORWARD'; cat /run/open; } | nft -f -
    ${router} down >/dev/null
    nft list ruleset | diff /run/before - && echo "as before"
    diff /run/forward-before /proc/sys/net/ipv4/ip_forward && echo "switch as before"
    ip -br link | grep -c '^os' || true
    ip netns list | grep -c ossea || true
  `);
  expect(said.trim().split("\n")).toEqual([
    "out",
    "the host gets in",
    "others do not",
    "2",
    "closed without it",
    "as before",
    "switch as before",
    "0",
    "0",
  ]);
});
