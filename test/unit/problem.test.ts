import { expect, test } from "vitest";
import { Problem, Problems, problemIn } from "../../common/problem.ts";

const problem = new Problem({
  what: "no such zone",
  object: "zone: 1",
  because: "there is: zone1\n           and zone2",
  next: "set one of these names",
});

test("a Problem shows what, on which object, why, and what to type", () => {
  expect(problem.message).toBe(
    "no such zone: zone: 1\n  because: there is: zone1\n           and zone2\n  next:    set one of these names",
  );
});

test("a Problem is found again in the text that carried it over a process border", () => {
  const carried = `invocation of cloudstack:index:getZone returned an error: ${problem.message}`;
  expect(problemIn(carried)).toMatchObject({
    what: "no such zone",
    object: "zone: 1",
    because: "there is: zone1\n           and zone2",
    next: "set one of these names",
  });
});

test("any other text holds none", () => {
  expect(problemIn("connection reset by peer")).toBeUndefined();
});

test("several are told together, counted", () => {
  expect(new Problems("It cannot be used", [problem, problem]).message).toMatch(
    /^It cannot be used \(2\):\n/u,
  );
});
