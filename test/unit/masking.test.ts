/** What leaves a machine in a support bundle holds no secret: neither those it knows nor those that look like one. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const library = join(import.meta.dirname, "..", "..", "assets/common/operator");

function python(expression: string, input: unknown): unknown {
  const program = `import json, sys\nsys.path.insert(0, sys.argv[1])\nfrom masking import *\ngiven = json.load(sys.stdin)\nprint(json.dumps(${expression}))`;
  const run = spawnSync("python3", ["-B", "-c", program, library], {
    encoding: "utf8",
    input: JSON.stringify(input),
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

const masked = (texts: readonly string[]) =>
  python('[Masking(["s3cret/of+this=machine"]).masked(text) for text in given]', texts) as string[];

describe("masking", () => {
  test("a secret of this machine goes in every spelling, wherever it stands", () => {
    const secret = "s3cret/of+this=machine";
    const spellings = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      secret.replaceAll("/", "\\/"),
    ];
    for (const text of masked(spellings.map((spelling) => `before ${spelling} after`))) {
      expect(text).toBe("before [masked] after");
    }
  });

  test.each([
    ["OMA_DB_PASSWORD=unknown-to-us", "OMA_DB_PASSWORD=[masked]"],
    ["MIGRATEKIT_CRED_ENCRYPTION_KEY=AAAA", "MIGRATEKIT_CRED_ENCRYPTION_KEY=[masked]"],
    ['{"password": "unknown to us", "port": 1}', '{"password": [masked], "port": 1}'],
    ["apiKey: abc", "apiKey: [masked]"],
    ["https://user:unknown@vcenter.example/sdk", "https://user:[masked]@vcenter.example/sdk"],
    ["oma_user:unknown@tcp(localhost:3306)/db", "oma_user:[masked]@tcp(localhost:3306)/db"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer [masked]"],
    [
      "-----BEGIN OPENSSH PRIVATE" + " KEY-----\nabc\n-----END OPENSSH PRIVATE" + " KEY-----\nrest",
      "[masked]\nrest",
    ],
    ["-----BEGIN RSA PRIVATE" + " KEY-----\ncut off", "[masked]"],
  ])("%j becomes %j", (text, expected) => {
    expect(masked([text])).toEqual([expected]);
  });

  test("what is no secret stays", () => {
    const plain = [
      "2026-01-01 00:00:00 oma-api[12]: listening on 0.0.0.0:8082",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 operator",
      "PasswordAuthentication no",
    ];
    expect(masked(plain)).toEqual(plain);
  });

  test("the values of an environment file are secrets, and the passwords inside its addresses", () => {
    const text = 'A="first-secret"\n# C=commented-out\nDSN=user:inner-secret@tcp(localhost)/x\nSHORT=abc\n';
    expect(python("values_of_environment(given)", text)).toEqual([
      "first-secret",
      "user:inner-secret@tcp(localhost)/x",
      "inner-secret",
    ]);
  });

  test("a secret that stayed is found by the second look", () => {
    expect(python('Masking(["a-secret-value"]).leaks(given.encode())', "x a-secret-value y")).toBe(true);
    expect(python('Masking(["a-secret-value"]).leaks(given.encode())', "x y")).toBe(false);
  });
});
