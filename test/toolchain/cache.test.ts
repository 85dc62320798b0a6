import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeOnce } from "../../toolchain/engine/cache.ts";
import { withLock } from "../../toolchain/lock.ts";
import { run } from "../../toolchain/process.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("two that ask at once make it once, and both find it whole", async () => {
  const target = join(folder, "engine", "key");
  let made = 0;
  let waited = 0;
  const make = () =>
    makeOnce(
      target,
      async (temporary) => {
        made++;
        await new Promise((resolve) => setTimeout(resolve, 200));
        writeFileSync(join(temporary, "pulumi"), "whole");
      },
      () => waited++,
    );
  const answers = await Promise.all([make(), make()]);
  expect(answers.sort()).toEqual([false, true]);
  expect({ made, waited }).toEqual({ made: 1, waited: 1 });
  expect(readFileSync(join(target, "pulumi"), "utf8")).toBe("whole");
});

test("a failed making leaves nothing behind and the next one works", async () => {
  const target = join(folder, "key");
  const failing = makeOnce(target, async (temporary) => {
    writeFileSync(join(temporary, "half"), "");
    throw new Error("the disk is full");
  });
  await expect(failing).rejects.toThrow("the disk is full");
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(folder)).toEqual(["key.lock"]);
  expect(await makeOnce(target, async () => undefined)).toBe(true);
});

test("a lock whose holder was killed is free again", async () => {
  const lock = join(folder, "lock");
  const holder = join(folder, "holder.mjs");
  const module = new URL("../../toolchain/lock.ts", import.meta.url).pathname;
  writeFileSync(
    holder,
    `import { withLock } from ${JSON.stringify(module)};
     await withLock(${JSON.stringify(lock)}, async () => process.kill(process.pid, "SIGKILL"));`,
  );
  expect((await run(process.execPath, [holder])).code).toBe(137);
  expect(await withLock(lock, async () => "mine")).toBe("mine");
});
