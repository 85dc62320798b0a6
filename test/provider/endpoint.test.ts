/** The suite for any endpoint, run as a user runs it, against the lab's. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { leftovers, testPrefix } from "./lifecycle/world.ts";

const lab = new LabProcess("none");
let cloud: Client;

beforeAll(async () => {
  cloud = await lab.up();
});
afterAll(() => lab.end());

async function testEndpoint(
  environment: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ code: number | null; text: string }> {
  const { url, apiKey, secretKey } = cloud.target;
  const child = spawn("npm", ["run", "test:endpoint", "--", ...args], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: {
      ...process.env,
      CLOUDSTACK_API_URL: url,
      CLOUDSTACK_API_KEY: apiKey,
      CLOUDSTACK_SECRET_KEY: secretKey,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, text };
}

const someLines = ["-t", "SshKeyPair|Volume |Instance |TemplateCopy|RegisteredTemplate"];

test("it finds zone, template and offerings by itself, says what it did not try, and leaves nothing", async () => {
  const { code, text } = await testEndpoint({ CLOUDSTACK_TEST_WITHOUT: "TemplateCopy" }, ...someLines);
  expect(text).toContain("not tried: TemplateCopy: it was left out by CLOUDSTACK_TEST_WITHOUT");
  expect(text).toContain("not tried: RegisteredTemplate: CLOUDSTACK_TEST_TEMPLATE_URL is not set");
  expect(text).toMatch(/\d+ passed, 0 failed/u);
  expect(code).toBe(0);
  expect(await leftovers(cloud, testPrefix)).toEqual([]);
});

test("leftovers of an earlier run fail it, each with kind, name and id", async () => {
  const { userdata } = await cloud.call("registerUserData", {
    name: `${testPrefix}left`,
    userdata: Buffer.from("#cloud-config\n").toString("base64"),
  });
  const { code, text } = await testEndpoint({}, ...someLines);
  expect(code).not.toBe(0);
  expect(text).toContain("objects of these tests are left from an earlier run; remove them first:");
  expect(text).toContain(`user data ${testPrefix}left (${userdata.id})`);
  await cloud.call("deleteUserData", { id: userdata.id });
});

test("what it is told to take and is not there is named, with what there is", async () => {
  const { code, text } = await testEndpoint({ CLOUDSTACK_TEST_ZONE: "moon" }, ...someLines);
  expect(code).not.toBe(0);
  expect(text).toContain("no zone moon at this endpoint; there are: lab-zone, lab-zone-2");
});
