/** The setup wizard's parts that need no machine: what it takes for an answer, what it writes, what it shows where. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { appliances } from "../../appliances/index.ts";
import type { Gate } from "../../appliances/types.ts";
import { table as expectTable, mistake, pythonOf } from "../support/python.ts";

const root = join(import.meta.dirname, "..", "..");
const wizard = join(root, "assets/common/wizard");

const python = pythonOf([wizard], ["import health", "from network_settings import *"]);
const table = (rows: Parameters<typeof expectTable>[1]) => expectTable(python, rows);

const text = JSON.stringify;

describe("answers", () => {
  test("addresses with a prefix, or with a mask of any length", () => {
    table(
      [
        ["192.0.2.10/27", "", "192.0.2.10/27"],
        [" 192.0.2.10 ", "24", "192.0.2.10/24"],
        ["192.0.2.10", "/20", "192.0.2.10/20"],
        ["192.0.2.10", "255.255.252.0", "192.0.2.10/22"],
        ["192.0.2.10", "255.255.255.128", "192.0.2.10/25"],
        // Both ends of a point-to-point link are hosts.
        ["192.0.2.0/31", "", "192.0.2.0/31"],
        ["192.0.2.0/32", "", "192.0.2.0/32"],
      ].map(([address, mask, expected]) => [`parse_address(${text(address)}, ${text(mask)})`, expected]),
    );
  });

  test("addresses that no host can have are refused with the reason", () => {
    const refused: [string, RegExp][] = [
      ["999.999.999.999/24", /999\.999\.999\.999 is no IPv4 address/u],
      ["192.0.2/24", /no IPv4 address/u],
      ["host.example/24", /no IPv4 address/u],
      ["2001:db8::1/64", /IPv6 address/u],
      ["", /nothing is no IPv4 address/u],
      ["192.0.2.10", /prefix is missing/u],
      ["192.0.2.10/0", /from 1 to 32/u],
      ["192.0.2.10/33", /from 1 to 32/u],
      ["192.0.2.10/255.0.255.0", /no mask/u],
      ["192.0.2.0/24", /address of the network 192\.0\.2\.0\/24 itself/u],
      ["192.0.2.255/24", /broadcast address/u],
      ["127.0.0.5/8", /loopback/u],
      ["224.0.0.5/24", /multicast/u],
      ["0.1.2.3/24", /no host's address/u],
      ["250.1.2.3/24", /reserved/u],
    ];
    table(refused.map(([address, reason]) => [`parse_address(${text(address)})`, mistake(reason)]));
  });

  test("a gateway is another host of the same network, or none", () => {
    const gateways: [string, unknown][] = [
      ["192.0.2.1", "192.0.2.1"],
      ["", null],
      ["198.51.100.1", mistake(/not in 192\.0\.2\.0\/24/u)],
      ["192.0.2.10", mistake(/own address/u)],
      ["192.0.2.255", mistake(/no host/u)],
      ["gateway", mistake(/no IPv4 address/u)],
    ];
    table(
      gateways.map(([gateway, expected]) => [`parse_gateway(${text(gateway)}, "192.0.2.10/24")`, expected]),
    );
  });

  test("name servers and search domains", () => {
    table([
      ['parse_name_servers("192.0.2.53, 198.51.100.53")', ["192.0.2.53", "198.51.100.53"]],
      ['parse_name_servers("")', []],
      ['parse_name_servers("127.0.0.53")', ["127.0.0.53"]],
      ['parse_name_servers("192.0.2.53 192.0.2.53")', mistake(/named twice/u)],
      ['parse_name_servers("dns.example")', mistake(/no IPv4 address/u)],
      ['parse_search("Example.COM. lab.example")', ["example.com", "lab.example"]],
      ['parse_search("-bad.example")', mistake(/no domain name/u)],
    ]);
  });
});

describe("the netplan file", () => {
  test("DHCP is what the build leaves", () => {
    const built = parse(readFileSync(join(root, "assets/common/steps/network/01-netcfg.yaml"), "utf8"));
    const [{ network }] = python("as_netplan(Dhcp())") as [
      { network: { ethernets: Record<string, unknown> } },
    ];
    expect(network.ethernets.others).toEqual(built.network.ethernets.ethernets);
    expect({ ...network, ethernets: 0 }).toEqual({ ...built.network, ethernets: 0 });
  });

  test("what is written is read as the same, and knows an interface by its name alone", () => {
    const all = [
      'Static("eth0", "192.0.2.10/27", "192.0.2.1", ("192.0.2.53",), ("example.com",))',
      'Static("ens160", "192.0.2.10/31", None, (), ())',
      'Dhcp(("192.0.2.53",), ("example.com",))',
      "Dhcp()",
    ];
    table(all.map((settings) => [`of_netplan(as_netplan(${settings})) == ${settings}`, true]));
    for (const written of python(...all.map((settings) => `as_netplan(${settings})`))) {
      expect(text(written)).not.toMatch(/macaddress|gateway4/u);
    }
  });

  test("a file that somebody wrote otherwise is nobody's settings", () => {
    const others = ["{}", "None", '{"network": {"ethernets": {"eth0": {"addresses": []}}}}'];
    table(others.map((content) => [`of_netplan(${content})`, null]));
  });
});

describe("health", () => {
  test("a service that is active and answers nobody is not called working", () => {
    const probe = '{"kind": "listen", "port": 1}';
    table([
      [`health.service_health({"probe": ${probe}}, {"ActiveState": "active"}).state`, "not answering"],
      [`health.service_health({"probe": ${probe}}, {"ActiveState": "activating"}).state`, "starting"],
      [`health.service_health({"probe": ${probe}}, {"ActiveState": "failed"}).state`, "failed"],
      [`health.service_health({"probe": ${probe}}, {"ActiveState": "inactive"}).state`, "stopped"],
      ['health.fault_of({"kind": "command", "command": ["true"]})', ""],
      ['health.fault_of({"kind": "command", "command": ["false"]})', "exit status 1"],
      ['health.json_fault({"status": "healthy"}, b\'{"status": "ill"}\')', "status is ill"],
      ['health.json_fault({"status": "healthy"}, b"<html>")', "the answer is no JSON"],
      ['health.json_fault({"status": "healthy"}, b\'{"status": "healthy"}\')', ""],
    ]);
  });
});

describe.each(Object.values(appliances))("what it shows on $name", (appliance) => {
  const definitionPath = `assets/${appliance.name}/wizard/console.json`;
  const definition = JSON.parse(readFileSync(join(root, definitionPath), "utf8"));

  function probeOf(gate: Gate) {
    switch (gate.kind) {
      case "http": {
        const { port, path, json } = gate;
        return { kind: "http", port, path, ...(Object.keys(json).length > 0 && { json }) };
      }
      case "socket":
        return { kind: "listen", port: gate.port };
      case "sql":
        return expect.objectContaining({ kind: "command" });
      case "unit":
        throw new Error("a unit's state alone is no evidence of its work");
    }
  }

  test("every service of the appliance in its order, with the evidence that its gate asks", () => {
    const services = appliance.units.filter(({ ready }) => ready.kind !== "unit");
    expect(definition.services).toEqual(
      services.map(({ name, ready }) => ({
        unit: name,
        title: expect.stringMatching(/^.{2,17}$/u),
        probe: probeOf(ready),
      })),
    );
  });

  test("no colour and no cursor where the terminal has none, and never more than 80 columns and 24 rows", () => {
    const lines = printed().trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(22);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.join("")).not.toContain("\u001b");
    expect(lines[1]).toContain("OSSEA-Migrate");
  });

  test("works without any network, and says so", () => {
    expect(printed("unshare", "--net")).toContain("There is no network address yet");
  });

  function printed(...prefix: string[]): string {
    const [program = "", ...args] = [
      ...prefix,
      "python3",
      "-B",
      "-I",
      wizard,
      join(root, definitionPath),
      "--once",
    ];
    const run = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, TERM: "dumb" } });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    return run.stdout;
  }
});
