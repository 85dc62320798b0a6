/** The tunnel's one definition, and the two files in ssh's own words that must say the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { permittedListen, permittedOpen, tunnel } from "../../appliances/tunnel.ts";
import { root } from "../../toolchain/project.ts";

const valuesOf = (path: string) => {
  const text = readFileSync(join(root, path), "utf8");
  return (key: string) =>
    [...text.matchAll(new RegExp(`^\\s*${key} (.*)$`, "gmu"))].map(([, value]) => value);
};

test("the OMA's sshd allows what the VMA asks for, and nothing else", () => {
  const said = valuesOf("assets/oma/ssh/90-vma-tunnel.conf");
  expect(said("PermitOpen")).toEqual([permittedOpen]);
  expect(said("PermitListen")).toEqual([permittedListen.join(" ")]);
  expect(said("Match")).toEqual([`LocalPort ${tunnel.port}`, `User ${tunnel.user}`]);
  expect(oma.sshPorts).toContain(tunnel.port);
  const keys = readFileSync(join(root, "assets/oma/tunnel/enrolled-keys.sh"), "utf8");
  expect(keys).toContain(`first_port=${tunnel.reverse.first}\nlast_port=${tunnel.reverse.last}\n`);
});

test("the VMA's ssh asks for just that, over one port", () => {
  const said = valuesOf("assets/vma/tunnel/ssh_config");
  expect(said("LocalForward")).toEqual(
    tunnel.forwards.map(({ from, to }) => `127.0.0.1:${from} 127.0.0.1:${to}`),
  );
  expect(said("RemoteForward")).toEqual([]);
  expect([said("Port"), said("User")]).toEqual([[String(tunnel.port)], [tunnel.user]]);
  expect(said("ServerAliveInterval")).toEqual([String(tunnel.aliveIntervalSeconds)]);
  expect(said("ServerAliveCountMax")).toEqual([String(tunnel.aliveCount)]);
  const { first, last, to } = tunnel.reverse;
  const program = readFileSync(join(root, "assets/vma/tunnel/vma_tunnel.py"), "utf8");
  expect(program).toContain(`127.0.0.1:{settings.remote_port}:127.0.0.1:${to}`);
  const enrolment = readFileSync(join(root, "assets/vma/tunnel/enrolment.py"), "utf8");
  expect(enrolment).toContain(`PORTS = range(${first}, ${last + 1})`);
});
