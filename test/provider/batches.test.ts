/** Many objects at once: how often the server is asked, and that none is taken for gone. */
import { expect, test } from "vitest";
import * as answers from "../../providers/cloudstack/client/answers.ts";
import { findAll, findRow, type Listing } from "../../providers/cloudstack/client/batches.ts";
import { findTemplate } from "../../providers/cloudstack/resources/template-api.ts";
import { cloudAnswering } from "./support/cloud.ts";

const { signal } = new AbortController();

/** @param answer the list's content, by what it was asked for */
function server(answer: (asked: URLSearchParams) => Record<string, unknown>) {
  const asked: URLSearchParams[] = [];
  const cloud = cloudAnswering((parameters) => {
    asked.push(parameters);
    return answer(parameters);
  });
  return { cloud, asked };
}

const ids = Array.from({ length: 120 }, (_, index) => `id-${index}`);
const wanted = (asked: URLSearchParams) => asked.get("ids")?.split(",") ?? [asked.get("id")];

test("templates of a moment are looked at in lists of a hundred, with one row for each zone", async () => {
  const zones = ["z1", "z2"];
  const { cloud, asked } = server((parameters) => ({
    template: wanted(parameters).flatMap((id) => zones.map((zoneid) => ({ id, name: "t", zoneid }))),
  }));
  const found = await Promise.all(ids.map((id) => findTemplate(id, { client: cloud, signal })));
  expect(found.map((row) => row?.id)).toEqual(ids);
  expect(found[7]?.inZones?.map(({ zoneid }) => zoneid)).toEqual(zones);
  expect(asked).toHaveLength(2);
});

const instances: Listing<answers.Instance> = {
  command: "listVirtualMachines",
  row: answers.instance,
  idsParameter: "ids",
};

test("what a list does not show is asked for by itself before it is taken for gone", async () => {
  // An administrator's list holds what is the administrator's; by its id all can be seen.
  const { cloud, asked } = server((parameters) => {
    const several = parameters.has("ids");
    const rows = wanted(parameters).filter((id) => id !== "gone" && !(several && id === "theirs"));
    return { virtualmachine: rows.map((id) => ({ id })) };
  });
  const found = await Promise.all(["ours", "theirs", "gone"].map((id) => findRow(cloud, instances, id)));
  expect(found.map((row) => row?.id)).toEqual(["ours", "theirs", undefined]);
  expect(asked).toHaveLength(3);
});

test("while a call is under way the next ones gather, however long it takes", async () => {
  const held = Promise.withResolvers<void>();
  let calls = 0;
  const cloud = cloudAnswering(async (parameters) => {
    const names = parameters.get("name");
    if (++calls === 1) await held.promise;
    const all = names === null ? ["a", "b", "c"] : [names];
    return { sshkeypair: all.map((name) => ({ name })) };
  });
  const pairs: Listing<answers.KeyPair> = { command: "listSSHKeyPairs", row: answers.keyPair };
  const ask = (name: string) =>
    findAll(
      cloud,
      pairs,
      name,
      (one) => ({ name: one }),
      (row, one) => row.name === one,
    );
  const first = ask("a");
  while (calls === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const second = ask("b");
  // Longer than calls are gathered when nothing is under way.
  await new Promise((resolve) => setTimeout(resolve, 60));
  const third = ask("c");
  held.resolve();
  expect((await Promise.all([first, second, third])).flat().map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(calls).toBe(2);
});
