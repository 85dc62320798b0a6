/** Objects of a project, and of another account than the key's own: made there, found there again, and nowhere else. */
import { afterAll, describe, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { Client, type Fields, type Reply, type Target } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { lifecycleSuite } from "./lifecycle/suite.ts";
import { leftovers, testPrefix } from "./lifecycle/world.ts";
import { engineFor, urnOf } from "./support/engine.ts";

const lab = new LabProcess("none");
afterAll(() => lab.end());

/** Asks for everything in one scope, as somebody does who looks after it. */
class ScopedClient extends Client {
  readonly #scope: Fields;

  constructor(target: Target, scope: Fields) {
    super(target);
    this.#scope = scope;
  }

  override raw(fields: Fields, method: "GET" | "POST" = "GET"): Promise<Reply> {
    return super.raw({ ...this.#scope, ...fields }, method);
  }
}

let root: Client;

/** What has no owner, or goes with what has: tried with the key's own objects. */
const without = new Set(["RegisteredTemplate", "TemplateCopy", "TemplatePermissions"]);

describe("of a project", () => {
  lifecycleSuite(async () => {
    root = await lab.up();
    const { project } = await root.job("createProject", { name: "migration", displaytext: "t" });
    const cloud = new ScopedClient(root.target, { projectid: project.id });
    return { cloud, scope: { project: "migration" }, wishes: {}, jobTimeoutSeconds: 20, without };
  }, false);

  test("changed in place, an instance gets the project's key pair", async () => {
    const engine = await engineFor(provider);
    const { url: apiUrl, apiKey, secretKey } = root.target;
    await engine.configure({ apiUrl, apiKey, secretKey, project: "migration" }, "state");
    const { project } = await root.call("listProjects", { name: "migration" });
    const scoped = new ScopedClient(root.target, { projectid: project[0].id });
    const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm test";
    await engine.create(urnOf("cloudstack:index:SshKeyPair", "key"), { name: "theirs", publicKey });
    const { zoneid, templateid, serviceofferingid } = await root.world();
    const name = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    const { networkoffering } = await root.call("listNetworkOfferings", { name });
    const made = { name: "theirs", zoneid, networkofferingid: networkoffering[0].id };
    const { network } = await scoped.call("createNetwork", made);
    const urn = urnOf("cloudstack:index:Instance", "one");
    const inputs = {
      zoneId: zoneid,
      templateId: templateid,
      serviceOfferingId: serviceofferingid,
      networkIds: [network.id],
    };
    const { id, state } = await engine.create(urn, inputs);
    const news = { ...inputs, keyPairs: ["theirs"] };
    const updated = await engine.update(urn, id, { inputs, state }, news);
    const { virtualmachine } = await scoped.call("listVirtualMachines", { id });
    expect(virtualmachine[0]).toMatchObject({ keypairs: "theirs", state: "Running", project: "migration" });
    await engine.delete(urn, id, updated, news);
    engine.close();
  });
});

describe("of another account", () => {
  lifecycleSuite(async () => {
    const { domain } = await root.call("createDomain", { name: "partners" });
    const person = {
      username: "bob",
      password: "bob-knows",
      firstname: "b",
      lastname: "x",
      email: "b@x.org",
    };
    await root.call("createAccount", { ...person, accounttype: 0, domainid: domain.id });
    const scope = { account: "bob", domain: domain.id };
    const cloud = new ScopedClient(root.target, { account: "bob", domainid: domain.id });
    return { cloud, scope, wishes: {}, jobTimeoutSeconds: 20, without };
  }, false);
});

test("nothing of it was made in the key's own account", async () => {
  expect(await leftovers(root, testPrefix)).toEqual([]);
});
