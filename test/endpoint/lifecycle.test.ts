/** The life of every resource against the endpoint that the environment names: a real CloudStack, or a lab. */
import { afterAll } from "vitest";
import { Client } from "../lab/support/client.ts";
import { lifecycleSuite } from "../provider/lifecycle/suite.ts";
import { wishesIn } from "../provider/lifecycle/world.ts";

const untried = lifecycleSuite(async () => {
  const {
    CLOUDSTACK_API_URL: url,
    CLOUDSTACK_API_KEY: apiKey,
    CLOUDSTACK_SECRET_KEY: secretKey,
  } = process.env;
  if (!url || !apiKey || !secretKey) {
    throw new Error("set CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY");
  }
  return {
    cloud: new Client({ url, apiKey, secretKey }),
    wishes: wishesIn(process.env),
    jobTimeoutSeconds: 1800,
    without: new Set((process.env.CLOUDSTACK_TEST_WITHOUT ?? "").split(",").filter(Boolean)),
  };
});

afterAll(() => {
  for (const [name, reason] of Object.entries(untried)) console.log(`not tried: ${name}: ${reason}`);
});
