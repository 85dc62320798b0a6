/** What the rules of npm run package stand on: secrets, SQL as text, units, links. */
import { expect, test } from "vitest";
import { leadsOut } from "../../toolchain/package/folder.ts";
import { burntDefaults, isPlaceholder, privateKeys, secretValues } from "../../toolchain/package/secrets.ts";
import { circles, readSqlText } from "../../toolchain/package/sql-text.ts";
import { readSettings, unknownKeys } from "../../toolchain/package/unit-files.ts";

test.each([
  "your-api-key-here",
  "configure-via-gui",
  "CONFIGURE_VIA_GUI",
  "TEMPLATE_ENCRYPTED_PASSWORD",
  "APPLIANCE_WILL_GENERATE_KEY",
  "WILL_BE_GENERATED_DURING_BUILD",
  "$PASSWORD",
  ["$", "{KEY}"].join(""),
  "<password>",
  "{databasePassword}",
  "",
])("%s stands for a value", (value) => expect(isPlaceholder(value)).toBe(true));

test.each(["hunter22", "yourself42", "Templates99", "plJ9cB2mQ7xV", "a/b+c=="])("%s is a value", (value) =>
  expect(isPlaceholder(value)).toBe(false),
);

test.each([
  ["a quoted value", 'const c = { password: "h0rse-battery" };', "the value of password, 13 characters"],
  ["a key of JSON", '{"vcenter_password":"S3cret!"}', "the value of vcenter_password, 7 characters"],
  [
    "a key of JSON in a string",
    'x = "{\\"api_secret\\":\\"S3cret!\\"}"',
    "the value of api_secret, 7 characters",
  ],
  [
    "a value behind a very long word",
    `${"a".repeat(2_000_000)} password = 'S3cret!'`,
    "the value of password, 7 characters",
  ],
  ["a line of an environment file", "x\nDB_PASSWORD=tr0ub4dor", "the value of DB_PASSWORD, 9 characters"],
  ["a unit's environment", "Environment=API_SECRET=abc123def", "the value of API_SECRET, 9 characters"],
  ["an address", "url = 'mysql://oma:pa55word@localhost/db'", "a password in an address"],
  ["a DSN", 'dsn := "oma_user:pa55word@tcp(localhost:3306)/db"', "a password in an address"],
])("%s is seen, and its value is not told", (_name, text, kind) => {
  const leaks = secretValues(text);
  expect(leaks.map((leak) => leak.kind)).toEqual([kind]);
  expect(JSON.stringify(leaks)).not.toMatch(/h0rse|S3cret!|tr0ub|abc123|pa55/u);
});

test.each([
  ["a type of a field", '<input type="password" name="password" />'],
  ["a label", 'label: { password: "Password", apiKey: "API key" }'],
  ["code behind a name", "password:!0,secret:t.value,apiKey:e"],
  ["a placeholder", 'password: "configure-via-gui"'],
  ["a variable of the shell", "export DB_PASSWORD=$1"],
  ["a path", 'private_key: "/opt/vma/enrollment/vma_enrollment_key2"'],
  ["an address without one", "http://localhost:8082/health and git@host:path"],
  ["what Next.js makes in each build", '"encryptionKey":"0123456789abcdef0123456789abcdef0123456789ab"'],
])("%s is no secret", (_name, text) => expect(secretValues(text)).toEqual([]));

test("a private key is seen by its body, with its line, also with written line ends", () => {
  const body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ";
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`;
  expect(privateKeys(`first\n${key}`)).toEqual([{ line: 2, kind: "a private key" }]);
  expect(privateKeys(JSON.stringify(key))).toHaveLength(1);
  expect(privateKeys('if (text.includes("-----BEGIN PRIVATE KEY-----")) parse(text)')).toEqual([]);
});

test("documented defaults are seen as words", () => {
  expect(burntDefaults("a\nsudo: Password1\n").map(({ line }) => line)).toEqual([2]);
  expect(burntDefaults("-db-pass=oma_password")).toHaveLength(1);
  expect(burntDefaults("Password10 and my_oma_password")).toEqual([]);
});

test.each([
  ["up", "../x", true],
  ["down/again", "../x", false],
  ["a/b", "../../x", true],
  ["a", "/etc/shadow", true],
  ["a", "b..c", false],
  ["", "../../evil", true],
])("from %s to %s leads out: %s", (path, target, out) => expect(leadsOut(path, target)).toBe(out));

test("tables, views and references of a dump, with what stands in comments that the server reads", () => {
  const file = readSqlText(
    "s.sql",
    `/*!40014 SET @OLD=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
-- CREATE TABLE gone (id int);
CREATE TABLE \`a\` (
  \`id\` int NOT NULL,
  \`b_id\` int DEFAULT NULL,
  CONSTRAINT \`fk\` FOREIGN KEY (\`b_id\`) REFERENCES \`b\` (\`id\`) ON DELETE CASCADE
);
CREATE TABLE b (id int, a_id int NOT NULL);
ALTER TABLE b ADD CONSTRAINT x FOREIGN KEY (a_id) REFERENCES a (id);
/*!50001 CREATE VIEW \`v\` AS SELECT 1 AS id */;
/*!50001 DROP VIEW IF EXISTS \`v\`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50013 DEFINER=\`o\`@\`l\` SQL SECURITY DEFINER */ /*!50001 VIEW \`v\` AS select 1 */;`,
  );
  expect(file.tables).toEqual([
    { name: "a", line: 3 },
    { name: "b", line: 8 },
  ]);
  expect(file.views).toEqual(["v"]);
  expect(file.checksOff).toBe(true);
  expect(file.references).toEqual([
    { from: "a", to: "b", line: 6, optional: true },
    { from: "b", to: "a", line: 9, optional: false },
  ]);
  expect(circles(file.references)).toEqual([["a", "b", "a"]]);
});

test("a circle is found once, however it is entered, and a table that refers to itself is none", () => {
  const reference = (from: string, to: string) => ({ from, to, line: 1, optional: true });
  expect(
    circles([
      reference("x", "a"),
      reference("a", "b"),
      reference("b", "c"),
      reference("c", "a"),
      reference("b", "b"),
    ]),
  ).toEqual([["a", "b", "c", "a"]]);
});

test("settings of a unit, those that go on in the next line included", () => {
  expect(readSettings("[Service]\n# no\nExecStart=/bin/a \\\n  -b \\\n  -c\nUser=root\n")).toEqual([
    { section: "Service", key: "ExecStart", value: "/bin/a -b -c", line: 3 },
    { section: "Service", key: "User", value: "root", line: 6 },
  ]);
});

test("what systemd-analyze says of keys that it does not know", () => {
  const answer =
    "/tmp/u/a.service:5: Unknown key name 'TTY' in section 'Service', ignoring.\n/tmp/u/b.service:1: Unknown key name 'X' in section 'Unit', ignoring.\na.service: Command /opt/x is not executable\n";
  expect(unknownKeys(answer, "a.service")).toEqual([
    "Unknown key name 'TTY' in section 'Service', ignoring.",
  ]);
});
