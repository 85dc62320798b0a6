/** The lab's page and its consoles in a real browser; and who gets neither. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openHome, readKeys } from "../../lab/home.ts";
import { picture, startBrowser } from "../support/browser.ts";
import { Client, type Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;
let browser: Browser;
let shown: Json;
let tty: Tty;

/** Stands where a machine's tty1 is: greets, and says in capitals what was typed. */
class Tty {
  typed = "";
  readonly readers = new Set<Socket>();
  readonly server: Server = createServer((reader) => {
    this.readers.add(reader);
    reader.on("close", () => this.readers.delete(reader));
    reader.on("error", () => undefined);
    reader.write("\x1b[1mappliance\x1b[0m login: ");
    reader.setEncoding("utf8").on("data", (keys: unknown) => {
      this.typed += String(keys);
      reader.write(String(keys).toUpperCase());
    });
  });

  async listen(path: string): Promise<void> {
    this.server.listen(path);
    await once(this.server, "listening");
  }
}

beforeAll(async () => {
  client = await lab.up();
  browser = await startBrowser();
  shown = await client.deploy({ name: "oma-build", displayname: "OMA <img src=x onerror=alert(1)>" });
  tty = new Tty();
  await tty.listen(join(lab.home, "none", `${shown.id}.console`));
});
afterAll(async () => {
  for (const reader of tty.readers) reader.destroy();
  tty.server.close();
  await browser.close();
  await lab.end();
});

async function pageUrl(): Promise<string> {
  return (await lab.control.status())?.page ?? "";
}

/** A page that is closed in the end, and every fault that it told of. */
async function browse<T>(
  url: string,
  look: (page: Page, faults: string[]) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const faults: string[] = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
    page.on("request", (sent) => {
      if (!sent.url().startsWith(new URL(url).origin) && !sent.url().startsWith("data:")) {
        faults.push(`from elsewhere: ${sent.url()}`);
      }
    });
    await page.goto(url);
    return await look(page, faults);
  } finally {
    await context.close();
  }
}

async function consoleUrl(): Promise<string> {
  const { consoleendpoint } = await client.call("createConsoleEndpoint", { virtualmachineid: shown.id });
  return consoleendpoint.url;
}

const screenOf = (page: Page) => page.locator(".xterm-rows");

interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function get(url: string, headers: Record<string, string> = {}, method = "GET", body?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers, agent: false }, async (answer) => {
      let text = "";
      for await (const part of answer.setEncoding("utf8")) text += part;
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** Status of the answer to an upgrade: 101 where it is made. */
function upgrade(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      agent: false,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        ...headers,
      },
    });
    sending.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    sending.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sending.on("error", reject);
    sending.end();
  });
}

test("up and status print the page's address; it goes with the run", async () => {
  const url = await pageUrl();
  expect((await lab.run("status")).stdout).toContain(`page      ${url}\n`);
  expect((await lab.run("up")).stdout).toContain(`and shows itself at ${url}\n`);
  expect(lab.log()).not.toContain(new URL(url).searchParams.get("token"));
});

test("the page shows zones, instances, templates, jobs and requests, and follows what happens", async () => {
  const stopped = await client.deploy({ name: "clone-1" });
  await client.job("stopVirtualMachine", { id: stopped.id });
  const { ostypeid } = await client.world();
  const volumeid = (await client.call("listVolumes", { virtualmachineid: stopped.id })).volume[0].id;
  await client.job("createTemplate", { name: "oma-dev-bfdd295c513f", ostypeid, volumeid });
  await lab.run("inject", "job-fails", "command=startVirtualMachine", "text=the host is full");
  await expect(client.job("startVirtualMachine", { id: stopped.id })).rejects.toThrow("the host is full");
  await browse(await pageUrl(), async (page, faults) => {
    const row = (name: string) => page.locator("#instances tr", { hasText: name });
    await row("oma-build").getByText("Running").waitFor();
    await row("clone-1").getByText("Stopped").waitFor();
    for (const [section, text] of [
      ["zones", "lab-zone-2"],
      ["templates", "oma-dev-bfdd295c513f"],
      ["templates", "base image"],
      ["jobs", "the host is full"],
      ["requests", "createTemplate"],
    ] as const) {
      await page.locator(`#${section}`).getByText(text).first().waitFor();
    }
    expect(await page.locator("#requests tbody tr").first().textContent()).toMatch(/\d ms/);
    await page.screenshot({ path: picture("lab-page"), fullPage: true });
    // Without a reload.
    await client.job("startVirtualMachine", { id: stopped.id });
    await row("clone-1").getByText("Running").waitFor();
    expect(faults).toEqual([]);
  });
  await client.job("destroyVirtualMachine", { id: stopped.id, expunge: true });
});

test("dark where the browser is, and on a phone nothing is wider than its screen", async () => {
  await browse(
    await pageUrl(),
    async (page) => {
      const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(dark).toBe("rgb(15, 19, 25)");
      await page.screenshot({ path: picture("lab-page-dark"), fullPage: true });
    },
    { colorScheme: "dark" },
  );
  await browse(
    await pageUrl(),
    async (page) => {
      const widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
      expect(widths).toEqual([390, 390]);
      await page.screenshot({ path: picture("lab-page-phone"), fullPage: true });
    },
    { viewport: { width: 390, height: 844 } },
  );
});

test("a name is never markup: nothing of it runs, in the page and on the console", async () => {
  await browse(await pageUrl(), async (page, faults) => {
    await page.getByText("OMA <img src=x onerror=alert(1)>").first().waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(faults).toEqual([]);
  });
  expect((await get(await consoleUrl())).text).toContain("OMA &#60;img src=x onerror=alert(1)&#62;");
});

test("createConsoleEndpoint answers as the server does", async () => {
  const { consoleendpoint } = await client.call("createConsoleEndpoint", { virtualmachineid: shown.id });
  const { token } = consoleendpoint.websocket;
  const { origin, port } = new URL(client.target.url);
  expect(consoleendpoint).toEqual({
    success: true,
    url: `${origin}/lab/console?token=${token}`,
    websocket: { token, host: "127.0.0.1", port, path: "websockify" },
  });
  const { ostypeid: _, ...place } = await client.world();
  const { id } = await client.call("deployVirtualMachine", { ...place, startvm: false, name: "cold" });
  const refusal = `Server Internal Error: VM ${id} must be running to connect console, sending blank response for console access request`;
  expect(await client.call("createConsoleEndpoint", { virtualmachineid: id })).toEqual({
    consoleendpoint: { success: false, details: refusal, websocket: {} },
  });
  await client.job("destroyVirtualMachine", { id, expunge: true });
  const removed = await client.call("createConsoleEndpoint", { virtualmachineid: id });
  expect(removed.consoleendpoint.details).toMatch(/^Cannot find VM with ID \d+$/);
  await expect(client.call("createConsoleEndpoint")).rejects.toMatchObject({ code: 431 });
  await expect(client.call("createConsoleEndpoint", { virtualmachineid: "../../x" })).rejects.toMatchObject({
    code: 431,
  });
});

test("another account's console is not given", async () => {
  const made = await client.call(
    "createAccount",
    { accounttype: 0, email: "a@b.c", firstname: "A", lastname: "B", username: "other", password: "secret" },
    "POST",
  );
  const keys = (await client.call("registerUserKeys", { id: made.account.user[0].id })).userkeys;
  const other = new Client({ url: client.target.url, apiKey: keys.apikey, secretKey: keys.secretkey });
  const refused = await other.call("createConsoleEndpoint", { virtualmachineid: shown.id });
  expect(refused.consoleendpoint).toEqual({ success: false, details: "Permission denied", websocket: {} });
});

test("the console in the browser: shows tty1, keys reach it, its link opens once", async () => {
  const url = await consoleUrl();
  tty.typed = "";
  await browse(url, async (page, faults) => {
    await screenOf(page).getByText("appliance login:").waitFor();
    await page.getByText("connected", { exact: true }).waitFor();
    await page.keyboard.type("ada");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowUp");
    await page.getByRole("button", { name: "Ctrl-C" }).click();
    await screenOf(page).getByText("ADA").waitFor();
    await expect.poll(() => tty.typed).toBe("ada\r\x1b[A\x03");
    await page.screenshot({ path: picture("lab-console") });
    expect(faults).toEqual([]);
    // A second one on the same link, while the first is open and afterwards.
    expect(await upgrade(url.replace("/lab/console", "/websockify"))).toBe(403);
  });
  await browse(url, async (page) => {
    await page.getByText("This console's link is used up").waitFor();
  });
  await expect.poll(() => tty.readers.size).toBe(0);
});

test("from the page a console opens in a window of its own, and says when the machine goes off", async () => {
  await browse(await pageUrl(), async (page) => {
    const [opened] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Console of OMA" }).click(),
    ]);
    await screenOf(opened).getByText("appliance login:").waitFor();
    expect(await opened.evaluate("window.opener")).toBeNull();
    for (const reader of tty.readers) reader.end();
    await opened.getByText("the machine went off").waitFor();
  });
});

test("on a phone the whole screen of tty1 is seen", async () => {
  await browse(
    await consoleUrl(),
    async (page) => {
      await screenOf(page).getByText("appliance login:").waitFor();
      const box = await page.locator(".xterm-screen").boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
      await page.screenshot({ path: picture("lab-console-phone") });
    },
    { viewport: { width: 390, height: 844 } },
  );
});

test("a machine without a console says so", async () => {
  const silent = await client.deploy({ name: "silent" });
  const { consoleendpoint } = await client.call("createConsoleEndpoint", { virtualmachineid: silent.id });
  await browse(consoleendpoint.url, async (page) => {
    await page.getByText("this machine has no console").waitFor();
  });
  const page = new URL(await pageUrl());
  const none = await get(
    `${page.origin}/lab/open-console?id=${"0".repeat(36)}&token=${page.searchParams.get("token")}`,
  );
  expect(none.status).toBe(404);
  await client.job("destroyVirtualMachine", { id: silent.id, expunge: true });
});

test("without the run's token there is nothing to see, and the refusal tells nothing", async () => {
  const { origin, pathname } = new URL(await pageUrl());
  for (const query of ["", "?token=", "?token=wrong", `?token=${"x".repeat(6000)}`]) {
    for (const path of [pathname, "/lab/open-console", "/lab/console", "/lab/anything"]) {
      const { status, text } = await get(`${origin}${path}${query}`);
      expect([path, status]).toEqual([path, 403]);
      expect(text).not.toContain("oma-build");
      expect(text).not.toContain("xxxx");
    }
    expect(await upgrade(`${origin}/websockify${query}`)).toBe(403);
  }
  // A console's token does not open the page, nor the page's a console.
  const console = new URL(await consoleUrl()).search;
  expect((await get(`${origin}/lab/${console}`)).status).toBe(403);
  const { search } = new URL(await pageUrl());
  expect((await get(`${origin}/lab/console${search}`)).status).toBe(403);
  expect(await upgrade(`${origin}/websockify${search}`)).toBe(403);
});

test("a web site cannot use them: not by another name for this host, not from another origin, not in a frame", async () => {
  const url = await pageUrl();
  const { host } = new URL(url);
  expect((await get(url, { Host: "rebound.example" })).status).toBe(403);
  expect((await get(url, { Host: `rebound.example:${new URL(url).port}` })).status).toBe(403);
  expect((await get(url, { Origin: "http://site.example" })).status).toBe(403);
  expect((await get(url, { Origin: "null" })).status).toBe(403);
  expect((await get(url, { Host: host.replace("127.0.0.1", "localhost") })).status).toBe(200);
  const console = (await consoleUrl()).replace("/lab/console", "/websockify");
  for (const headers of [
    { Origin: "http://site.example" },
    { Origin: "null" },
    { Origin: `http://127.0.0.1:1` },
    { Host: "rebound.example" },
  ]) {
    expect(await upgrade(console, headers)).toBe(403);
  }
  // What was refused has not used the link up.
  expect(await upgrade(console, { Origin: `http://${host}` })).toBe(101);
  const { headers } = await get(url);
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test("the pages are only read", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    expect((await get(await pageUrl(), {}, method)).status).toBe(405);
  }
});

test("whatever is asked below /lab and as an upgrade: a refusal or a page, and nothing of the host's files", async () => {
  const url = new URL(await pageUrl());
  const before = lab.log().length;
  const piece = fc.oneof(
    fc.constantFrom(
      "..",
      "%2e%2e",
      "%2f",
      "..%2f..%2f..%2fetc%2fpasswd",
      "%00",
      "files",
      "console",
      "lab.css",
      "admin",
      "__proto__",
      "//",
      "\\",
      "open-console",
      "%zz",
    ),
    fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map(encodeURIComponent),
  );
  const query = fc.record(
    { token: fc.constantFrom(url.searchParams.get("token") ?? "", "x"), id: fc.string({ maxLength: 40 }) },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 5 }), query, async (pieces, fields) => {
      const path = `/lab/${pieces.join("/")}?${new URLSearchParams(fields)}`;
      const { status, text } = await get(`${url.origin}${path}`);
      expect([200, 403, 404]).toContain(status);
      expect(text).not.toContain("root:x:0:0");
      expect([403, 404]).toContain(await upgrade(`${url.origin}${path}`));
    }),
    { numRuns: 150 },
  );
  // A fault of the lab itself would be in its log, with a stack.
  expect(lab.log().slice(before)).not.toContain("\n    at ");
  expect((await get(url.href)).status).toBe(200);
});

test("what is no URL ends nothing, below the administrator's way in either", async () => {
  const { origin } = new URL(await pageUrl());
  for (const path of ["///%2f", "/lab/admin///%2f", "/lab/admin///%2f?token=x"]) {
    expect((await get(`${origin}${path}`)).status).toBe(404);
    expect(await upgrade(`${origin}${path}`)).toBe(404);
  }
  expect((await get(await pageUrl())).status).toBe(200);
});

test("whoever asks for a console and hangs up before the answer is no harm to the lab", async () => {
  const url = new URL(await pageUrl());
  const hangUp = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(url.port), "127.0.0.1");
      socket.on("error", reject);
      socket.on("close", () => resolve());
      const asking = "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      socket.write(asking, () => socket.resetAndDestroy());
    });
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, hangUp));
  expect((await get(url.href)).status).toBe(200);
});

test("what is sent over a console is limited", async () => {
  const socket = new WebSocket(
    (await consoleUrl()).replace("http:", "ws:").replace("/lab/console", "/websockify"),
  );
  await once(socket, "open");
  socket.on("error", () => undefined);
  tty.typed = "";
  socket.send(Buffer.alloc(65 * 1024, "x"));
  const [code] = await once(socket, "close");
  expect(code).toBe(1009);
  expect(tty.typed).toBe("");
});

test("the administrator's way in: by the control key alone, with bodies of a limited size", async () => {
  const { origin } = new URL(client.target.url);
  const Authorization = `Bearer ${readKeys(openHome(lab.home))?.control}`;
  const admin = (
    path: string,
    method = "GET",
    body?: unknown,
    headers: Record<string, string> = { Authorization },
  ) =>
    get(`${origin}/lab/admin${path}`, headers, method, body === undefined ? undefined : JSON.stringify(body));
  for (const path of ["/faults", "/seed", "/states", "/status"]) {
    expect((await admin(path, "GET", undefined, {})).status).toBe(403);
    expect((await admin(path, "GET", undefined, { Authorization: "Bearer x" })).status).toBe(403);
    expect((await admin(path)).status).toBe(200);
  }
  const elsewhere = { Authorization, Origin: "http://site.example" };
  expect((await admin("/seed", "POST", { seed: "x" }, elsewhere)).status).toBe(403);
  // What ends the lab or leads into a machine is for the command line.
  expect((await admin("/down", "POST")).status).toBe(404);
  expect((await admin("/machine?name=oma-build")).status).toBe(404);
  expect(JSON.parse((await admin("/seed", "POST", { seed: "word" })).text)).toEqual({ seed: "word" });
  expect(JSON.parse((await admin("/seed", "POST", { seed: null })).text)).toEqual({ seed: null });
  for (const wrong of [{}, { seed: 1 }, { seed: "" }, { seed: "x".repeat(70_000) }]) {
    expect((await admin("/seed", "POST", wrong)).status).toBe(400);
  }
  expect((await admin("/faults", "POST", { name: "maintenance", options: { times: "1" } })).status).toBe(200);
  await expect(client.call("listZones")).rejects.toMatchObject({ code: 503 });
  expect((await admin("/faults", "POST", { name: "plague" })).status).toBe(400);
});

test("the lab goes down with a console open, and its links with it", async () => {
  const url = await consoleUrl();
  const spare = await consoleUrl();
  const page = await pageUrl();
  await browse(url, async (open) => {
    await screenOf(open).getByText("appliance login:").waitFor();
    expect(await lab.run("down")).toMatchObject({ code: 0 });
    await open.getByText("the lab closed the console").waitFor();
  });
  client = await lab.up();
  expect((await get(spare)).status).toBe(403);
  expect((await get(page)).status).toBe(403);
  expect((await get(await pageUrl())).status).toBe(200);
});

test("the pictures are there to be looked at, and they are of something", () => {
  const names = ["lab-page", "lab-page-dark", "lab-page-phone", "lab-console", "lab-console-phone"];
  const sizes = names.map((name) => (existsSync(picture(name)) ? statSync(picture(name)).size : 0));
  for (const size of sizes) expect(size).toBeGreaterThan(4000);
});
