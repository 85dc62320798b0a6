/**
 * An appliance as the network sees it: what is open, and what a VMA may do through its tunnel.
 * The tests stand in the story that builds the appliance; this is a chapter of it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../../toolchain/process.ts";
import { type Machine, neighbourOf } from "./neighbour.ts";
import type { Workspace } from "./workspace.ts";

export interface Clone {
  workspace: Workspace;
  /** How its operator logs in. */
  user: string;
  identityFile: string;
  host: string;
}

/** @param clone one that is up; it is as before when the chapter ends */
export function seenFromTheNetwork(clone: () => Promise<Clone>): void {
  describe("seen from another machine of its network", () => {
    let appliance: Machine;
    let neighbour: Machine;
    let remove: () => Promise<void>;
    let operator: Clone;
    const enrolled = "/etc/ossea/enrolled-vmas";
    const ssh = (key: string, ...options: string[]) =>
      [
        `ssh -F none -p 443 -i ${key} -o IdentitiesOnly=yes -o UserKnownHostsFile=known_hosts`,
        "-o StrictHostKeyChecking=yes -o BatchMode=yes -o ExitOnForwardFailure=yes",
        ...options,
        `vma_tunnel@${appliance.address} </dev/null >/dev/null 2>&1`,
      ].join(" ");

    beforeAll(async () => {
      operator = await clone();
      ({ appliance, neighbour, remove } = await neighbourOf(operator.workspace, "oma-clone"));
      const keys = await neighbour.run(
        'for name in key other strange; do ssh-keygen -q -t ed25519 -N "" -C $name -f $name; done; cat key.pub other.pub',
      );
      const [key, other] = keys.split("\n");
      await appliance.run(
        `printf 'key=%s\\nport=9081\\n' '${key}' >${enrolled}/vma-1; printf 'key=%s\\nport=9082\\n' '${other}' >${enrolled}/vma-2`,
      );
      const hostKey = await appliance.run("cat /etc/ssh/ssh_host_ed25519_key.pub");
      await neighbour.run(`echo '[${appliance.address}]:443 ${hostKey}' >known_hosts`);
    });
    afterAll(async () => {
      await appliance?.run(
        `rm -f ${enrolled}/vma-1 /etc/ossea/planted-keys; ip -6 address delete fd00:6f::1/64 dev eth0`,
      );
      await remove?.();
    });

    test("four ports are open, by IPv4 and IPv6, whatever listens; without the firewall more would be", async () => {
      // A listener that nobody foresaw, and addresses for both, so that IPv6 has something to keep out.
      await appliance.run(
        "ip -6 address add fd00:6f::1/64 dev eth0 nodad; systemd-run --quiet --unit=planted python3 -m http.server --bind :: 8999",
      );
      await neighbour.run("ip -6 address add fd00:6f::2/64 dev eth0 nodad");
      await appliance.run("until ss -Hltn 'sport = :8999' | grep -q .; do :; done");
      const ports = await knownPorts(appliance);
      const open = async (address: string) =>
        (await neighbour.script("scan.py", address, ...ports)).split(" ").sort();
      const offered = ["22", "3001", "443", "8082"];
      expect(await open(appliance.address)).toEqual(offered);
      expect(await open("fd00:6f::1")).toEqual(["22", "443"]);
      await appliance.run("nft flush table inet ossea; nft delete table inet ossea");
      expect(await open(appliance.address)).toEqual([...offered, "8090", "8999"].sort());
      expect(await open("fd00:6f::1")).toEqual(["22", "443", "8999"]);
      await appliance.run("systemctl reload nftables; systemctl stop planted");
      expect(await open(appliance.address)).toEqual(offered);
    });

    test("the volume daemon, which listens on all interfaces, does not run without the firewall", async () => {
      const state = () => appliance.run("systemctl is-active nftables volume-daemon || true");
      await appliance.run("systemctl stop nftables");
      expect(await state()).toBe("inactive\ninactive");
      await appliance.run("systemctl start volume-daemon");
      expect(await state()).toBe("active\nactive");
    });

    test("an enrolled VMA reaches NBD server and API, and is reached at its own port", async () => {
      await neighbour.run(
        `mkdir -p www && echo "a VMA" >www/index.html
       systemd-run --quiet --unit=vma-api python3 -m http.server --bind 127.0.0.1 --directory $PWD/www 8081
       until curl --silent --fail --output /dev/null 127.0.0.1:8081; do :; done
       ${ssh("key", "-fN -L 10808:127.0.0.1:10809 -L 8082:127.0.0.1:8082 -R 127.0.0.1:9081:127.0.0.1:8081")}`,
      );
      expect(JSON.parse(await neighbour.run("curl -sf 127.0.0.1:8082/health"))).toMatchObject({
        service: "OMA API",
        status: "healthy",
      });
      expect(await neighbour.run("head -c 16 </dev/tcp/127.0.0.1/10808")).toBe("NBDMAGICIHAVEOPT");
      expect(await appliance.run("curl -sf 127.0.0.1:9081")).toBe("a VMA");
      expect(await appliance.run("ss -Hltn 'sport = :9081' | awk '{ print $4 }'")).toBe("127.0.0.1:9081");
      await neighbour.run(ssh("other", "-fN -R 127.0.0.1:9082:127.0.0.1:8081"));
      expect(await appliance.run("curl -sf 127.0.0.1:9082")).toBe("a VMA");
    });

    test("every other forward, and every kind of session, is refused", async () => {
      const refused = () => neighbour.script("refused.sh", appliance.address, neighbour.address);
      expect(await refused()).toBe("49 tried");
      const planted = [
        "Match User vma_tunnel",
        "AllowUsers *",
        "AuthorizedKeysCommand none",
        "AuthorizedKeysFile /etc/ossea/planted-keys",
        "PermitOpen any",
        "PermitListen any",
        "GatewayPorts clientspecified",
        "AllowStreamLocalForwarding yes",
        "AllowAgentForwarding yes",
        "X11Forwarding yes",
        "PermitTTY yes",
        "MaxSessions 10",
        "ForceCommand none",
      ];
      const drop = "/etc/ssh/sshd_config.d/00-planted.conf";
      await appliance.run(
        `sed -n 's/^key=//p' ${enrolled}/vma-1 >/etc/ossea/planted-keys; printf '%s\\n' ${planted.map((line) => `'${line}'`).join(" ")} >${drop}
       usermod --shell /bin/bash vma_tunnel; systemctl reload ssh`,
      );
      const seen = await refused().finally(() =>
        appliance.run(
          `rm -f ${drop} /tmp/planted.sock; usermod --shell /usr/sbin/nologin vma_tunnel; systemctl reload ssh`,
        ),
      );
      for (const possible of [
        "reach 127.0.0.1:3306",
        "reach 127.0.0.1:8090",
        `reach ${neighbour.address}:22`,
        "listen at 127.0.0.1:22222",
        "listen at 127.0.0.1:9097",
        "listen at /tmp/planted.sock",
        "a command",
        "a shell",
        "a terminal",
        "X11",
        "sftp",
        "the agent",
        "the database's socket",
      ]) {
        expect(seen).toContain(`possible: ${possible}`);
      }
    });

    test("a key that is not enrolled, one whose file is gone, and the operator's own do not get in at port 443", async () => {
      const fails = (key: string, forward: string) =>
        neighbour.run(`if ${ssh(key, `-fN ${forward}`)}; then echo in; else echo out; fi`);
      expect(await fails("strange", "-L 7001:127.0.0.1:8082")).toBe("out");
      expect(await fails("other", "-L 7002:127.0.0.1:8082")).toBe("in");
      await appliance.run(`rm ${enrolled}/vma-2`);
      expect(await fails("other", "-L 7003:127.0.0.1:8082")).toBe("out");
      const { workspace, user, identityFile, host } = operator;
      const at = (port: number) =>
        run(
          "ssh",
          ["-F", "none", "-i", identityFile, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"].concat([
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-p",
            String(port),
            `${user}@${host}`,
            "id -un",
          ]),
          { cwd: workspace.folder },
        );
      expect(await at(22)).toMatchObject({ code: 0, stdout: "oma_admin\n" });
      expect(await at(443)).toMatchObject({ code: 255, stdout: "" });
    });

    test("a reload of the NBD server takes up a new export", async () => {
      const list = () => appliance.run("nbd-client -l 127.0.0.1 | tail -n +2 | sort | paste -sd ' '");
      expect(await list()).toBe("dummy");
      const config = "/etc/nbd-server/conf.d/migration-vol-1.conf";
      await appliance.run(
        `truncate -s 1M /var/lib/ossea-nbd/disk; printf '[migration-vol-1]\\nexportname = /var/lib/ossea-nbd/disk\\n' >${config}
       systemctl reload nbd-server`,
      );
      expect(await list()).toBe("dummy migration-vol-1");
      await appliance.run(`rm ${config} /var/lib/ossea-nbd/disk; systemctl restart nbd-server`);
    });
  });
}

/** Every port on which the appliance has a listener at all, and those of its services, tunnels and log-ins. */
async function knownPorts(appliance: Machine): Promise<string[]> {
  const listening = await appliance.run("ss -Hltn | awk '{ print $4 }' | sed 's/.*://'");
  return [...new Set([...listening.split("\n"), "80", "3306", "8081", "8090", "8999", "9081", "10809"])];
}
