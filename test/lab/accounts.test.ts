/** Who sees and may do what: users, domain administrators, projects, limits, and log-ins with a password. */
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHome, readKeys } from "../../lab/home.ts";
import { Client, type Fields, type Json, sign } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let root: Client;
let alice: Client;
let bob: Client;
/** Administrator of the domain that bob is in. */
let chief: Client;
let world: Json;

beforeAll(async () => {
  root = await lab.up();
  world = await root.world();
  const { domain } = await root.call("createDomain", { name: "partners" });
  alice = await somebody("alice", 0);
  bob = await somebody("bob", 0, domain.id);
  chief = await somebody("chief", 2, domain.id);
});
afterAll(() => lab.end());

async function somebody(username: string, accounttype: number, domainid?: string): Promise<Client> {
  const person = {
    password: `${username}-knows`,
    firstname: username,
    lastname: "x",
    email: "x@example.org",
  };
  const { account } = await root.call("createAccount", { username, ...person, accounttype, domainid });
  const { userkeys } = await root.call("registerUserKeys", { id: account.user[0].id });
  return new Client({ url: root.target.url, apiKey: userkeys.apikey, secretKey: userkeys.secretkey });
}

const instanceOf = (client: Client, name: string, fields: Fields = {}) => {
  const { ostypeid: _, ...place } = world;
  return client.job("deployVirtualMachine", { ...place, name, ...fields });
};
const namesFor = async (client: Client, fields: Fields = {}) =>
  ((await client.call("listVirtualMachines", fields)).virtualmachine ?? [])
    .map(({ name }: Json) => name)
    .sort();

test("everybody sees their own, administrators all of their tree when they ask for it", async () => {
  await instanceOf(root, "of-root");
  const { virtualmachine } = await instanceOf(alice, "of-alice");
  await instanceOf(bob, "of-bob");
  expect(virtualmachine).toMatchObject({ account: "alice", username: "alice", domain: "ROOT" });
  expect(await namesFor(alice)).toEqual(["of-alice"]);
  expect(await namesFor(alice, { listall: true })).toEqual(["of-alice"]);
  expect(await namesFor(bob, { listall: true })).toEqual(["of-bob"]);
  expect(await namesFor(chief)).toEqual([]);
  expect(await namesFor(chief, { listall: true })).toEqual(["of-bob"]);
  expect(await namesFor(root)).toEqual(["of-root"]);
  expect(await namesFor(root, { listall: true })).toEqual(["of-alice", "of-bob", "of-root"]);
  const { domain } = await root.call("listDomains", { name: "partners" });
  expect(domain[0]).toMatchObject({ path: "ROOT/partners", level: 1, parentdomainname: "ROOT" });
  expect(await namesFor(root, { domainid: domain[0].id })).toEqual(["of-bob"]);
  expect(await namesFor(root, { account: "bob", domainid: domain[0].id })).toEqual(["of-bob"]);
  await expect(namesFor(alice, { account: "bob", domainid: domain[0].id })).rejects.toMatchObject({
    code: 531,
  });
  const seen = async (client: Client, command: string, list: string) =>
    (await client.call(command, { listall: true }))[list].map(({ name }: Json) => name).sort();
  expect(await seen(chief, "listAccounts", "account")).toEqual(["bob", "chief"]);
  expect(await seen(alice, "listAccounts", "account")).toEqual(["alice"]);
  expect(await seen(alice, "listDomains", "domain")).toContain("ROOT");
});

test("what belongs to another account can be neither changed nor named, and its jobs not asked for", async () => {
  const { virtualmachine } = await alice.call("listVirtualMachines", { name: "of-alice" });
  const { id } = virtualmachine[0];
  await expect(bob.call("stopVirtualMachine", { id })).rejects.toMatchObject({ code: 531 });
  await expect(bob.call("destroyVirtualMachine", { id })).rejects.toMatchObject({ code: 531 });
  expect(await bob.call("listVirtualMachines", { id })).toEqual({});
  expect(await bob.call("listVolumes", { virtualmachineid: id })).toEqual({});
  const { jobid } = await alice.call("stopVirtualMachine", { id });
  await expect(bob.call("queryAsyncJobResult", { jobid })).rejects.toMatchObject({
    code: 531,
    message: expect.stringMatching(
      /^Account Account \[\{"accountName":"bob".*is not authorized to see job id=\d+$/,
    ),
  });
  await alice.done(jobid);
  const tag = { resourceids: id, resourcetype: "UserVm", "tags[0].key": "k", "tags[0].value": "v" };
  await expect(bob.job("createTags", tag)).rejects.toMatchObject({ code: 530 });
  await alice.job("createTags", tag);
  expect((await root.job("startVirtualMachine", { id })).virtualmachine.state).toBe("Running");
});

test("a template is its owner's, others use it when it is public or shared with them", async () => {
  const { virtualmachine } = await alice.call("listVirtualMachines", { name: "of-alice" });
  await alice.job("stopVirtualMachine", { id: virtualmachine[0].id });
  const { volume } = await alice.call("listVolumes", { virtualmachineid: virtualmachine[0].id });
  const capture = { name: "hers", ostypeid: world.ostypeid, volumeid: volume[0].id, isfeatured: true };
  const { template } = await alice.job("createTemplate", capture);
  expect(template).toMatchObject({ account: "alice", isfeatured: false });
  const { id } = template;
  const filtered = async (client: Client, templatefilter: string) =>
    ((await client.call("listTemplates", { templatefilter })).template ?? []).map((row: Json) => row.name);
  expect(await filtered(alice, "self")).toEqual(["hers"]);
  expect(await filtered(bob, "executable")).not.toContain("hers");
  await expect(filtered(bob, "all")).rejects.toThrow("Filter all can be specified by admin only");
  expect(await bob.call("listTemplates", { templatefilter: "executable", id })).toEqual({});
  await expect(instanceOf(bob, "no", { templateid: id })).rejects.toMatchObject({ code: 531 });
  await alice.call("updateTemplatePermissions", { id, op: "add", accounts: "bob" });
  expect(await filtered(bob, "shared")).toEqual(["hers"]);
  await instanceOf(bob, "of-hers", { templateid: id });
  await expect(bob.call("updateTemplate", { id, displaytext: "mine" })).rejects.toThrow(
    "Domain Admin and regular users can modify only their own Public templates",
  );
  await expect(bob.call("deleteTemplate", { id })).rejects.toMatchObject({ code: 531 });
});

test("users have no administrator's commands, and are not told of internal errors", async () => {
  const refusal = await alice.raw({ command: "createDomain", name: "x" });
  expect(refusal.status).toBe(432);
  expect(refusal.body.errorresponse.errortext).toMatch(
    /^The API \[createDomain\] does not exist or is not available for the account for user id \[[0-9a-f-]{36}\]\.$/,
  );
  await expect(alice.call("listApis", { name: "createDomain" })).rejects.toMatchObject({ code: 530 });
  expect((await root.call("listApis", { name: "createDomain" })).count).toBe(1);
  const { virtualmachine } = await bob.call("listVirtualMachines", { name: "of-bob" });
  const { volume } = await bob.call("listVolumes", { virtualmachineid: virtualmachine[0].id });
  const running = { name: "x", ostypeid: world.ostypeid, volumeid: volume[0].id };
  await expect(bob.call("createTemplate", running)).rejects.toMatchObject({
    code: 530,
    message: "Internal error executing command, please contact your system administrator",
  });
  const { id } = virtualmachine[0];
  await expect(bob.job("destroyVirtualMachine", { id, expunge: true })).rejects.toMatchObject({
    code: 530,
    message: "Account does not have permission for expunging.",
  });
  await expect(bob.call("recoverVirtualMachine", { id })).rejects.toMatchObject({ code: 531 });
  await expect(bob.call("startVirtualMachine", { id, hostid: id })).rejects.toMatchObject({ code: 531 });
  await expect(bob.call("listHosts")).rejects.toMatchObject({ code: 432 });
  await expect(alice.call("getVirtualMachineUserData", { virtualmachineid: id })).rejects.toMatchObject({
    code: 531,
  });
});

test("what a project owns is shown to its members who name the project", async () => {
  const { project } = await alice.job("createProject", { name: "migration" });
  const projectid = project.id;
  const { virtualmachine } = await instanceOf(alice, "of-project", { projectid });
  expect(virtualmachine).toMatchObject({ project: "migration", projectid });
  expect(virtualmachine).not.toHaveProperty("account");
  expect(await namesFor(alice)).not.toContain("of-project");
  expect(await namesFor(alice, { projectid })).toEqual(["of-project"]);
  expect(await namesFor(alice, { projectid: "-1" })).toEqual(["of-project"]);
  expect(await namesFor(root, { listall: true })).not.toContain("of-project");
  await expect(namesFor(bob, { projectid })).rejects.toMatchObject({ code: 531 });
  expect(await bob.call("listProjects")).toEqual({});
  const carol = await somebody("carol", 0);
  await alice.job("addAccountToProject", { projectid, account: "carol" });
  expect(await namesFor(carol, { projectid })).toEqual(["of-project"]);
  await expect(alice.job("deleteProject", { id: projectid })).rejects.toThrow(/because it has user_vm/);
  await root.job("destroyVirtualMachine", { id: virtualmachine.id, expunge: true });
  await alice.job("deleteProject", { id: projectid });
  expect(await alice.call("listProjects")).toEqual({});
});

test("a limit is told, kept, and lifted", async () => {
  const dave = await somebody("dave", 0);
  const domainid = (await root.call("listDomains", { name: "ROOT" })).domain[0].id;
  const limit = { account: "dave", domainid, resourcetype: 0 };
  await root.call("updateResourceLimit", { ...limit, max: 1 });
  const { resourcelimit } = await dave.call("listResourceLimits", { resourcetype: 0 });
  expect(resourcelimit).toMatchObject([
    { resourcetype: "0", resourcetypename: "user_vm", max: 1, account: "dave" },
  ]);
  await instanceOf(dave, "one");
  await expect(instanceOf(dave, "two")).rejects.toMatchObject({
    code: 535,
    message:
      "Maximum amount of resources of Type = 'user_vm', tag = 'null' for Account Name = dave in Domain Id = 1 is exceeded: Account Resource Limit = 1, Current Account Resource Amount = 1, Current Account Resource Reservation = 0, Requested Resource Amount = 1.",
  });
  await root.call("updateResourceLimit", { ...limit, max: -1 });
  await instanceOf(dave, "two");
});

test("keys that were made anew end the old ones, and a deleted account's end with it", async () => {
  const eve = await somebody("eve", 0);
  const { account } = await root.call("listAccounts", { name: "eve" });
  const { userkeys } = await eve.call("registerUserKeys", { id: account[0].user[0].id });
  await expect(eve.call("listZones")).rejects.toMatchObject({ code: 401 });
  const again = new Client({ ...eve.target, apiKey: userkeys.apikey, secretKey: userkeys.secretkey });
  expect((await again.call("listZones")).count).toBe(2);
  const [shown] = (await root.call("listUsers", { username: "eve" })).user;
  expect(shown).toMatchObject({ apikey: userkeys.apikey, apikeyaccess: "INHERIT" });
  expect(shown).not.toHaveProperty("secretkey");
  const [admin] = (await root.call("listUsers", { username: "admin" })).user;
  expect(admin.apikey).toBe(root.target.apiKey);
  expect((await root.call("getUserKeys", { id: admin.id })).userkeys.secretkey).toBe(root.target.secretKey);
  await expect(again.call("getUserKeys", { id: admin.id })).rejects.toMatchObject({ code: 531 });
  await root.job("deleteAccount", { id: account[0].id });
  await expect(again.call("listZones")).rejects.toMatchObject({ code: 401 });
});

interface Answer {
  status: number;
  cookies: string[];
  body: Json;
}

/** As a browser does it. */
function visit(
  fields: Record<string, string>,
  cookies: readonly string[] = [],
  method = "POST",
): Promise<Answer> {
  const form = new URLSearchParams({ response: "json", ...fields }).toString();
  return new Promise((resolve, reject) => {
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded",
      Cookie: cookies.map((cookie) => cookie.split(";")[0]).join("; "),
    };
    const url = method === "GET" ? `${root.target.url}?${form}` : root.target.url;
    const sending = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => {
        const body = text.startsWith("{") ? (JSON.parse(text) as Json) : text;
        resolve({ status: response.statusCode ?? 0, cookies: response.headers["set-cookie"] ?? [], body });
      });
    });
    sending.on("error", reject);
    sending.end(method === "GET" ? undefined : form);
  });
}

test("log in with a password: a session with two cookies and a key, until log-out", async () => {
  const domain = "/partners";
  const wrong = await visit({ command: "login", username: "bob", password: "guess", domain });
  expect(wrong).toMatchObject({
    status: 531,
    body: {
      loginresponse: {
        errorcode: 531,
        errortext: "Failed to authenticate user bob in domain 2; please provide valid credentials",
      },
    },
  });
  expect((await visit({ command: "login", username: "bob", password: "" })).status).toBe(531);
  const byGet = await visit({ command: "login", username: "bob", password: "bob-knows", domain }, [], "GET");
  expect(byGet).toMatchObject({ status: 405, body: "Please use HTTP POST to authenticate using this API" });
  const right = await visit({ command: "login", username: "bob", password: "bob-knows", domain });
  const { loginresponse } = right.body;
  expect(loginresponse).toMatchObject({ username: "bob", account: "bob", type: "0", timeout: 1800 });
  const { sessionkey } = loginresponse;
  const look = { command: "listVirtualMachines", sessionkey };
  const seen = await visit(look, right.cookies);
  expect(seen.body.listvirtualmachinesresponse.virtualmachine[0].account).toBe("bob");
  expect((await visit(look)).status).toBe(401);
  expect((await visit({ ...look, sessionkey: "other" }, right.cookies)).status).toBe(401);
  expect((await visit({ command: "listVirtualMachines" }, right.cookies)).status).toBe(401);
  expect((await visit({ command: "logout", sessionkey }, right.cookies)).body).toEqual({
    logoutresponse: { description: "success" },
  });
  expect((await visit(look, right.cookies)).status).toBe(401);
});

test("the administrator's password is the lab's own, made at its first start", async () => {
  const password = readKeys(openHome(lab.home))?.password ?? "";
  expect(password).toMatch(/^[\w-]{24}$/);
  expect((await visit({ command: "login", username: "admin", password })).status).toBe(200);
  for (const guess of ["password", "admin", ""]) {
    expect((await visit({ command: "login", username: "admin", password: guess })).status).toBe(531);
  }
});

test("a signature with one user's name and another's secret is none", async () => {
  const fields = { command: "listZones", response: "json", apiKey: alice.target.apiKey };
  const forged = sign(fields, bob.target.secretKey);
  expect((await alice.raw({ command: "listZones", signature: forged })).status).toBe(401);
});
