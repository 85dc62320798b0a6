/** usage: main.ts APPLIANCE TEMPLATE [--only FOLDER|ID]...; the environment names the lab, whose machines are clones of TEMPLATE. */
import { parseArgs } from "node:util";
import { appliances } from "../../appliances/index.ts";
import { defaultHome, openHome } from "../../lab/home.ts";
import { Client } from "../lab/support/client.ts";
import { neverOnClones, runMutations } from "./support/run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", multiple: true, default: [] } },
});
const [name = "", templateId = ""] = positionals;
const {
  CLOUDSTACK_API_URL: url = "",
  CLOUDSTACK_API_KEY: apiKey = "",
  CLOUDSTACK_SECRET_KEY: secretKey = "",
} = process.env;
const appliance = appliances[name];
if (!appliance) throw new Error(`no appliance ${name}`);

const tell = (line: string) => process.stdout.write(`${line}\n`);
const began = performance.now();
const source = { client: new Client({ url, apiKey, secretKey }), home: openHome(defaultHome), templateId };
const planted = await runMutations(appliance, source, values.only, tell);
const missed = planted.filter(({ caught }) => !caught);
for (const { id, seen } of missed) tell(`not caught: ${id}: ${seen}`);
for (const { id } of neverOnClones(appliance)) tell(`no clone answers ${id}`);
const seconds = (performance.now() - began) / 1000;
const failures = planted.filter(({ id }) => id.startsWith("failure/"));
tell(`${failures.length} of them are failures of the field`);
tell(`${planted.length} checks, ${planted.length - missed.length} caught (${seconds.toFixed(0)} s)`);
process.exitCode = missed.length === 0 && planted.length > 0 && neverOnClones(appliance).length === 0 ? 0 : 1;
