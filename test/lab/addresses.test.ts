import { expect, test } from "vitest";
import { choosePublicBlock, listeningLoopback, netmaskOf } from "../../lab/cloud/addresses.ts";

test("a lab's loopback block comes from its folder, and steps aside for one that is in use", () => {
  const free = choosePublicBlock("/a/lab", []);
  expect(choosePublicBlock("/a/lab", [])).toEqual(free);
  expect(choosePublicBlock("/another/lab", [])).not.toEqual(free);
  const next = choosePublicBlock("/a/lab", [[free.second, free.third + 3]]);
  expect(next).not.toEqual(free);
  for (const { second, third } of [free, next]) {
    expect(second).toBeGreaterThanOrEqual(100);
    expect(second).toBeLessThan(228);
    expect(third % 16).toBe(0);
  }
});

test("what listens on loopback is read from the kernel's table", () => {
  const table = [
    "  sl  local_address rem_address   st",
    "   0: 0A0B647F:0016 00000000:0000 0A 00000000:00000000",
    "   1: 0A0C647F:0016 00000000:0000 01 00000000:00000000",
    "   2: 0100000A:0016 00000000:0000 0A 00000000:00000000",
  ].join("\n");
  expect(listeningLoopback(table)).toEqual([[100, 11]]);
});

test("netmasks", () => {
  expect(netmaskOf("10.213.0.0/20")).toBe("255.255.240.0");
  expect(netmaskOf("10.1.1.0/24")).toBe("255.255.255.0");
});
