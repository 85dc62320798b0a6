import fc from "fast-check";
import { expect, test } from "vitest";
import { splitStatements, UnreadableSql } from "../../providers/guest/sql/split.ts";

function texts(sql: string): string[] {
  return splitStatements(sql).map(({ text }) => text);
}

test("semicolons end statements and are not sent", () => {
  expect(texts("SELECT 1; SELECT 2;\nSELECT 3")).toEqual(["SELECT 1", "SELECT 2", "SELECT 3"]);
});

test("each statement knows the line on which it begins", () => {
  const sql =
    "-- head\n\nCREATE TABLE a (\n  id int\n);\n/* note\n over lines */\nINSERT INTO a\nVALUES (1);\n";
  expect(splitStatements(sql).map(({ line }) => line)).toEqual([3, 8]);
});

test.each([
  ["in a string", "SELECT 'a;b'; SELECT 2", ["SELECT 'a;b'", "SELECT 2"]],
  ["behind a doubled quote", "SELECT 'it''s; so'; SELECT 2", ["SELECT 'it''s; so'", "SELECT 2"]],
  ["behind an escaped quote", "SELECT 'it\\'s; so'; SELECT 2", ["SELECT 'it\\'s; so'", "SELECT 2"]],
  ["behind an escaped backslash", "SELECT 'a\\\\'; SELECT 2", ["SELECT 'a\\\\'", "SELECT 2"]],
  ["in double quotes", 'SELECT "a;\'b"; SELECT 2', ['SELECT "a;\'b"', "SELECT 2"]],
  ["in a quoted name", "SELECT `a;``b`; SELECT 2", ["SELECT `a;``b`", "SELECT 2"]],
  ["in a line comment", "SELECT 1 -- no; end\n+ 1; SELECT 2", ["SELECT 1 -- no; end\n+ 1", "SELECT 2"]],
  ["in a hash comment", "SELECT 1 # no; end\n; SELECT 2", ["SELECT 1 # no; end", "SELECT 2"]],
  ["in a block comment", "SELECT /* ; */ 1; SELECT 2", ["SELECT /* ; */ 1", "SELECT 2"]],
  ["with a quote in a comment", "SELECT 1; -- it's\nSELECT 2", ["SELECT 1", "SELECT 2"]],
])("a semicolon %s", (_name, sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

test("two minus signs without white space are no comment", () => {
  expect(texts("SELECT 5--1; SELECT 2")).toEqual(["SELECT 5--1", "SELECT 2"]);
});

test("comments that the server executes are statements, other comments are not", () => {
  expect(texts("/*!40101 SET NAMES utf8mb4 */;\n/* nothing */;\n-- nothing\n;")).toEqual([
    "/*!40101 SET NAMES utf8mb4 */",
  ]);
});

test("a dump's sandbox line does not spoil its first statement", () => {
  const dump = "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n/*!40101 SET NAMES utf8mb4 */;\n";
  expect(texts(dump)).toHaveLength(1);
  expect(texts(dump)[0]).toContain("SET NAMES");
});

test.each([
  ["an open string", "SELECT 1;\nSELECT 'abc;\n", 2, "a string is not closed"],
  ["an open name", "SELECT `abc", 1, "a quoted name is not closed"],
  ["an open comment", "SELECT 1;\n\n/* abc", 3, "a comment is not closed"],
  ["DELIMITER", "SELECT 1;\nDELIMITER //\nCREATE TRIGGER x", 2, "DELIMITER"],
])("refuses %s and names its line", (_name, sql, line, message) => {
  let caught: unknown;
  try {
    splitStatements(sql);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(UnreadableSql);
  expect(caught).toMatchObject({ line });
  expect(String(caught)).toContain(message);
});

test("joining and cutting gives the statements back", () => {
  const word = fc.constantFrom(
    "SELECT 1",
    "SET @a = 'x;y'",
    "SELECT `b;c` -- ;\n+ 1",
    'SELECT "d\\";"',
    "SELECT /*;*/ 2",
  );
  fc.assert(
    fc.property(fc.array(word), (statements) => {
      expect(texts(statements.map((text) => `${text};\n`).join(""))).toEqual(statements);
    }),
  );
});

test("nothing that is not white space or a comment is lost", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "'", ";", " ", "\n", "-", "#", "/", "*", "`", '"', "\\") }),
      (sql) => {
        let parts: string[];
        try {
          parts = texts(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableSql);
          return;
        }
        let from = 0;
        for (const part of parts) {
          const found = sql.indexOf(part, from);
          expect(found).toBeGreaterThanOrEqual(from);
          from = found + part.length;
        }
      },
    ),
  );
});
