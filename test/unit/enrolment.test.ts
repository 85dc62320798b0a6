/** The parts of the enrolment that need no machine: codes, proofs, what is refused, what is written and read again. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../toolchain/project.ts";
import { mistake, pythonOf, table } from "../support/python.ts";

const folders = ["assets/common/enrolment", "assets/vma/tunnel", "assets/oma/enrolment"].map((folder) =>
  join(root, folder),
);

describe("pairing codes", () => {
  const python = pythonOf(folders, ["import proof"]);

  test("are read as people type them, and nothing else is one", () => {
    table(python, [
      ['proof.normalized("abcd-1234-wxyz")', "ABCD-1234-WXYZ"],
      ['proof.normalized(" abcd 1234 wxyz\\n")', "ABCD-1234-WXYZ"],
      ['proof.normalized("ABCD1234WXYZ")', "ABCD-1234-WXYZ"],
      ['proof.normalized("ABCD-1234")', null],
      ['proof.normalized("ABCD-1234-WXYZ-0")', null],
      ['proof.normalized("ABCD-12_4-WXYZ")', null],
      ['proof.normalized("")', null],
      ["all(proof.normalized(code) == code for code in [proof.new_code() for _ in range(50)])", true],
      ["len({proof.new_code() for _ in range(50)})", 50],
    ]);
  });

  test("a proof holds for one code, key, host key and question alone, and the OMA's is another one", () => {
    const of = (code: string, ...words: string[]) =>
      `proof.of_vma(proof.code_key("${code}"), ${words.map((word) => `"${word}"`).join(", ")})`;
    const right = of("AAAA-BBBB-CCCC", "nonce", "key", "host key");
    const others = [
      of("AAAA-BBBB-CCCD", "nonce", "key", "host key"),
      of("AAAA-BBBB-CCCC", "other", "key", "host key"),
      of("AAAA-BBBB-CCCC", "nonce", "other", "host key"),
      of("AAAA-BBBB-CCCC", "nonce", "key", "another host key"),
      'proof.of_oma(proof.code_key("AAAA-BBBB-CCCC"), "nonce", "key", "host key", "", "")',
    ];
    const [one, same, ...different] = python(right, right, ...others);
    expect(one).toMatch(/^[0-9a-f]{64}$/u);
    expect(same).toBe(one);
    expect(different).not.toContain(one);
  });
});

test("what the VMA was told is written and read again, and read as text alone", () => {
  const python = pythonOf(folders, ["from enrolment import *"]);
  const told = { host: "oma.example", remote_port: 9082, identifier: "an id" };
  table(python, [
    ['parse(text_of(Enrolment("oma.example", 9082, "an id")))', told],
    ['parse("# x\\n\\nOMA_HOST=oma.example\\nTUNNEL_REMOTE_PORT=9082\\nENROLLMENT_ID=an id\\n")', told],
    ['parse("OMA_HOST=10.0.0.1\\nSETUP_DATE=Mon 1 Sep\\nthe rest\\n")', mistake(/line 3 is not NAME=value/u)],
    [
      'parse("OMA_HOST=-oProxyCommand=id\\nTUNNEL_REMOTE_PORT=9081\\n")',
      mistake(/OMA_HOST .* is no address/u),
    ],
    ['parse("OMA_HOST=$(id)\\nTUNNEL_REMOTE_PORT=9081\\n")', mistake(/OMA_HOST .* is no address/u)],
    ['parse("OMA_HOST=10.0.0.1\\nTUNNEL_REMOTE_PORT=22\\n")', mistake(/none of 9081 to 9096/u)],
    ['parse("OMA_HOST=10.0.0.1\\n")', mistake(/TUNNEL_REMOTE_PORT/u)],
  ]);
});

test("the last words of ssh are told by what they mean", () => {
  const python = pythonOf(folders, ["from vma_tunnel import *"]);
  const meant = (words: string, meaning: RegExp): [string, unknown] => [
    `meaning(${JSON.stringify(words)})`,
    expect.stringMatching(meaning),
  ];
  table(python, [
    meant("vma_tunnel@10.0.0.1: Permission denied (publickey).\r\n", /not approved, or was revoked/u),
    meant("Error: remote port forwarding failed for listen port 9081", /taken by another session/u),
    meant("ssh: connect to host 10.0.0.1 port 443: Connection refused", /nobody listens on port 443/u),
    meant("ssh: connect to host 10.0.0.1 port 443: Connection timed out", /every firewall on the way/u),
    meant(
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
      /another host key/u,
    ),
    meant("Connection to 10.0.0.1 closed by remote host.", /closed by remote host/u),
    meant("", /without a word/u),
  ]);
});

test("sshd's lines are read as sessions of a key, and other users' are none of ours", () => {
  const python = pythonOf(folders, ["from sessions import *", "seen = Sessions()"]);
  const fingerprint = `SHA256:${"a".repeat(43)}`;
  const accepted = (user: string) =>
    `Accepted publickey for ${user} from 10.0.0.2 port 40000 ssh2: ED25519 ${fingerprint}`;
  const closed = (user: string) => `pam_unix(sshd:session): session closed for user ${user}`;
  table(python, [
    [`seen.event_of(7, "${accepted("oma_admin")}")`, null],
    [`seen.event_of(8, "${accepted("vma_tunnel")}")`, ["connection", fingerprint, "10.0.0.2"]],
    ["dict(seen.open)", { 8: fingerprint }],
    [`seen.event_of(7, "${closed("oma_admin")}")`, null],
    [`seen.event_of(9, "${closed("vma_tunnel")}")`, null],
    [`seen.event_of(8, "${closed("vma_tunnel")}")`, ["disconnection", fingerprint, null]],
    ["dict(seen.open)", {}],
    [
      'bool(SESSION.fullmatch("sshd: vma_tunnel [priv]")) and bool(SESSION.fullmatch("sshd-session: vma_tunnel [priv]"))',
      true,
    ],
    ['bool(SESSION.fullmatch("grep sshd: vma_tunnel [priv]"))', false],
  ]);
});
