/**
 * usage: node router.ts HOME up|down   # one guest network with a way out; for a host that is a namespace of its own
 */
import { mkdirSync } from "node:fs";
import { createGuestNetworks } from "../../../lab/network/index.ts";
import { routerNames } from "../../../lab/network/names.ts";

const [home = "", what = ""] = process.argv.slice(2);
mkdirSync(home, { recursive: true });
const networks = createGuestNetworks({ home });
const spec = { cidr: "10.213.0.0/20", gateway: "10.213.0.1", domain: "lab.test", egress: true };
if (what === "up") await networks.ensureNetwork({ id: "net", ...spec });
else await networks.down();
console.log(routerNames(home, "net").namespace);
process.exit(0);
