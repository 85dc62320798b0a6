/**
 * A VMA is enrolled with an OMA, as their two operators do it, and loses its tunnel again; and what goes wrong on the way.
 * The tests stand in the story that builds the appliances; this is a chapter of it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { permittedOpen, tunnel } from "../../../appliances/tunnel.ts";
import { Control } from "../../../lab/control/client.ts";
import { openHome } from "../../../lab/home.ts";
import { ConsoleScreen } from "../../support/console-screen.ts";
import type { Appliance } from "./wizard.ts";

const enter = "\r";
const escapeKey = "\u001b";
const fingerprintForm = /SHA256:[A-Za-z0-9+/]{43}/u;
const codeForm = /[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}/u;

interface Enrolled {
  id: string;
  remote_port: number | null;
  vma_fingerprint: string;
}

/** @param oma and  @param vma clones that are up, in one network */
export function enrolmentOfAVma(oma: () => Promise<Appliance>, vma: () => Promise<Appliance>): void {
  describe("a VMA and its OMA", () => {
    let onOma: Appliance["inside"];
    let onVma: Appliance["inside"];
    let omaAddress: string;
    let vmaAddress: string;

    const addressOf = (inside: Appliance["inside"]) => inside("hostname -I | cut -d ' ' -f 1");
    const until = (condition: string, seconds = 40) =>
      `timeout ${seconds} bash -c 'until ${condition}; do :; done'`;
    const newCode = async () => (await onOma("ossea-enrolment code")).split("\n")[0] ?? "";
    /** Text of both channels; the exit status is looked at by those who want it. */
    const enrol = (code: string, host = omaAddress) => onVma(`vma-enrol ${host} 2>&1 <<< '${code}' || true`);
    const waiting = async () => JSON.parse(await onOma("ossea-enrolment --json pending")).pending;
    /** Those that were not revoked. */
    const active = async (): Promise<Enrolled[]> => {
      const { active: all } = JSON.parse(await onOma("ossea-enrolment --json active"));
      return (all as Enrolled[]).filter(({ remote_port }) => remote_port !== null);
    };
    const state = async () => JSON.parse(await onVma("cat /run/vma-tunnel/state.json"));
    const apiThroughTunnel = (port: number) =>
      onOma(`curl -s --max-time 5 http://127.0.0.1:${port}/api/v1/health || true`);
    /** Enrols by the programs of both sides, with the operator's word; what the VMA says. */
    async function enrolled(word: "approve" | "reject"): Promise<string> {
      const said = enrol(await newCode());
      await onOma(until("ossea-enrolment pending | grep -q SHA256:"));
      const [{ id }] = await waiting();
      await onOma(`ossea-enrolment ${word} ${id}`);
      return said;
    }

    beforeAll(async () => {
      onOma = (await oma()).inside;
      onVma = (await vma()).inside;
      omaAddress = await addressOf(onOma);
      vmaAddress = await addressOf(onVma);
    });
    // The VMA goes, and the OMA is as it was.
    afterAll(async () => {
      for (const { id } of await active()) await onOma(`ossea-enrolment revoke ${id} 2>/dev/null || true`);
    });

    test("on their consoles: a code is made, typed in, the key compared and approved, and the tunnel is up", async () => {
      const screenOf = async ({ lab, instance }: Appliance) =>
        ConsoleScreen.open((await new Control(openHome(lab)).machine(instance)).consoleSocket);
      const [omaScreen, vmaScreen] = [await screenOf(await oma()), await screenOf(await vma())];
      const typed = (screen: ConsoleScreen, keys: string, next: string | RegExp) => {
        screen.type(keys);
        return screen.shows(next);
      };
      try {
        await Promise.all([omaScreen, vmaScreen].map((screen) => screen.shows("Choose a number")));
        await typed(omaScreen, "8", "Waiting for your word");
        const shown = await typed(omaScreen, "1", codeForm);
        const code = codeForm.exec(shown)?.[0] ?? "";
        await omaScreen.picture("wizard-pairing-code");
        await typed(omaScreen, " ", "Waiting for your word");
        await typed(vmaScreen, "1", "Address or name of the OMA");
        await typed(vmaScreen, `${omaAddress}${enter}`, "Pairing code");
        // As somebody types it who has no eye for hyphens.
        await typed(
          vmaScreen,
          `${code.toLowerCase().replaceAll("-", " ")}${enter}`,
          "Waiting for the OMA's operator",
        );
        const fingerprint = fingerprintForm.exec(vmaScreen.text)?.[0] ?? "none";
        await omaScreen.shows(fingerprint);
        await omaScreen.picture("wizard-enrolment-waiting");
        await typed(omaScreen, "2", "y for yes");
        await typed(omaScreen, "y", "approved.");
        await vmaScreen.shows("The tunnel is up, and the OMA's API answers through it.");
        await vmaScreen.picture("wizard-enrolled");
        await typed(omaScreen, " ", /port 9081\s+connected/u);
        await typed(omaScreen, escapeKey, "Choose a number");
        await typed(vmaScreen, " ", /Tunnel\s+up, and the OMA's API answers/u);
        const tests = await typed(vmaScreen, "3", "Press any key");
        expect(tests.match(/fine$/gmu)).toHaveLength(6);
        await vmaScreen.picture("wizard-tests");
        await typed(vmaScreen, " ", "Choose a number");
      } finally {
        omaScreen.close();
        vmaScreen.close();
      }
    });

    test("through the tunnel each reaches the other's API, the OMA's disks are written, and nothing else is open", async () => {
      expect(await apiThroughTunnel(tunnel.reverse.first)).toContain('"healthy"');
      expect(await onVma("curl -s http://127.0.0.1:8082/health")).toContain("OMA API");
      const volume = "/var/lib/ossea-nbd/planted";
      const conf = "/etc/nbd-server/conf.d/planted.conf";
      await onOma(
        `truncate --size=4M ${volume}; chown nbd ${volume}; printf '[planted]\\n exportname = ${volume}\\n' > ${conf}; systemctl reload nbd-server`,
      );
      try {
        await onVma(until("nbdinfo --size nbd://127.0.0.1:10808/planted >/dev/null 2>&1"));
        const copied = await onVma("timeout 60 migratekit -verify -disk '[demo] a/a.vmdk=planted'");
        expect(JSON.parse(copied)).toMatchObject({ bytes: 4 * 1024 * 1024, verified: true });
        expect(await onOma(`head -n 1 ${volume}`)).toBe("demo disk [demo] a/a.vmdk sector 0");
      } finally {
        // The server reads new exports when it is told; one that is gone it forgets with a new start alone.
        await onOma(`rm ${conf} ${volume}; systemctl restart nbd-server`);
      }
      const key = "-F /etc/ossea/tunnel/ssh_config -o ClearAllForwardings=yes -o ExitOnForwardFailure=yes";
      const forward = (port: number) =>
        onVma(
          `timeout 10 ssh ${key} -o HostName=${omaAddress} -o SessionType=none -W 127.0.0.1:${port} oma 2>&1 </dev/null || true`,
        );
      expect(permittedOpen).not.toContain("3306");
      expect(await forward(3306)).toMatch(/prohibited|failed/u);
      const shell = await onVma(
        `timeout 10 ssh ${key} -o HostName=${omaAddress} -o SessionType=default oma id 2>&1 || true`,
      );
      expect(shell).not.toContain("uid=");
    });

    test("before it is enrolled a VMA gets one answer of the enrolment service, and neither forward nor command", async () => {
      const options = `-F none -p 443 -i /tmp/stranger -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
      await onVma("rm -f /tmp/stranger*; ssh-keygen -q -t ed25519 -N '' -f /tmp/stranger");
      const asked = await onVma(
        `ssh ${options} vma_enrol@${omaAddress} 'id; cat /etc/passwd' <<< '{"request": "approve", "enrollment_id": "x"}' 2>&1 || true`,
      );
      expect(asked).toBe('{"error": "the requests are enroll, verify, result"}');
      const forwarded = await onVma(
        `timeout 10 ssh ${options} -W 127.0.0.1:8082 vma_enrol@${omaAddress} 2>&1 </dev/null || true`,
      );
      expect(forwarded).toMatch(/prohibited|failed/u);
      const operators = await onVma(
        `ssh ${options.replace("443", "22")} vma_enrol@${omaAddress} 2>&1 </dev/null || true`,
      );
      expect(operators).toContain("Permission denied");
      await onVma("rm -f /tmp/stranger*");
    });

    test.each([
      ["a wrong code", () => "AAAA-BBBB-CCCC", /no such pairing code/u],
      ["what is no code", () => "AAAA-BBBB", /three groups of four/u],
      [
        "a code that is over",
        async () => {
          const code = await newCode();
          await onOma(
            `mariadb migratekit_oma -e "UPDATE vma_pairing_codes SET expires_at = NOW() - INTERVAL 1 SECOND WHERE pairing_code = '${code}'"`,
          );
          return code;
        },
        /this pairing code is over: it is good for ten minutes/u,
      ],
      [
        "a code that was used",
        () =>
          onOma(
            "mariadb migratekit_oma -Ne 'SELECT pairing_code FROM vma_pairing_codes WHERE used_at IS NOT NULL LIMIT 1'",
          ),
        /was used already/u,
      ],
    ] satisfies [string, () => string | Promise<string>, RegExp][])(
      "%s is refused in clear words, and the enrolment that there is stays",
      async (_what, code, words) => {
        const before = await onVma("cat /opt/vma/vma-config.conf");
        expect(await enrol(await code())).toMatch(words);
        expect(await onVma("cat /opt/vma/vma-config.conf")).toBe(before);
        expect(await onVma("ls -A /opt/vma/enrollment")).not.toContain(".enrolling");
        expect(await apiThroughTunnel(tunnel.reverse.first)).toContain('"healthy"');
      },
    );

    test("an OMA that is not there, and a machine that is none, are told apart", async () => {
      expect(await enrol("AAAA-BBBB-CCCC", vmaAddress)).toMatch(/nobody listens on port 443/u);
      expect(await enrol("AAAA-BBBB-CCCC", "no-such-oma.invalid")).toMatch(/name servers do not know/u);
      expect(await enrol("AAAA-BBBB-CCCC", "-oProxyCommand=id")).toMatch(/usage: vma-enrol HOST/u);
    });

    test("a full disk on the VMA is told, and the enrolment that there is stays", async () => {
      const code = await newCode();
      await onVma("mount -t tmpfs -o size=4k tmpfs /opt/vma/enrollment; chown vma: /opt/vma/enrollment");
      try {
        expect(await enrol(code)).toMatch(/not enrolled: .*(No space left|disk full)/u);
      } finally {
        await onVma("umount /opt/vma/enrollment");
      }
      expect(await apiThroughTunnel(tunnel.reverse.first)).toContain('"healthy"');
    });

    test("whoever stands between shows another host key, and is found out by it", async () => {
      // Another sshd with the same users and files, and a key of its own.
      const between = "-o Port=2443 -o HostKey=/tmp/between -o PidFile=/tmp/between.pid";
      await onOma(
        `rm -f /tmp/between*; ssh-keygen -q -t ed25519 -N '' -f /tmp/between; /usr/sbin/sshd ${between} -o 'AllowUsers=vma_tunnel vma_enrol'`,
      );
      await onVma(
        `nft add table ip planted; nft 'add chain ip planted output { type nat hook output priority -100; }'; nft add rule ip planted output ip daddr ${omaAddress} tcp dport 443 dnat to ${omaAddress}:2443`,
      );
      await onOma("nft insert rule inet ossea input tcp dport 2443 accept");
      try {
        expect(await enrol(await newCode())).toMatch(
          /or this OMA's host key is not the one that the VMA saw/u,
        );
        await onVma("systemctl restart vma-ssh-tunnel");
        await onVma(until("grep -q waiting /run/vma-tunnel/state.json"));
        expect((await state()).fault).toMatch(/another host key than at the enrolment/u);
      } finally {
        await onVma("nft delete table ip planted");
        await onOma("kill $(cat /tmp/between.pid); systemctl reload nftables; rm -f /tmp/between*");
      }
      await onVma(until("curl -s --max-time 5 http://127.0.0.1:8082/health >/dev/null"));
    });

    test("a thousand wrong codes are refused, most without a look, and keep no VMA out", async () => {
      const flood = `import json, socket
for number in range(1000):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect("/run/ossea-enrolment/door.sock")
        request = {"request": "enroll", "nonce": "0", "proof": "0", "vma_name": "x", "vma_version": "x",
                   "key": "ssh-ed25519 " + "A" * 68, "address": "${vmaAddress}"}
        door.sendall(json.dumps(request).encode() + b"\\n")
        print(json.loads(door.makefile().readline())["error"].split(" from ")[0].split(",")[0])`;
      const said = await onOma(
        `runuser -u vma_enrol -- python3 - <<'END' | sort | uniq -c | sort -n\n${flood}\nEND`,
      );
      expect(said).toMatch(/^\s*\d+ no such pairing code\n\s*99\d too many wrong pairing codes$/u);
      expect(await enrolled("approve")).toContain(`Port ${tunnel.reverse.first + 1} of the OMA`);
      await onOma(until(`curl -sf http://127.0.0.1:${tunnel.reverse.first + 1}/api/v1/health >/dev/null`));
      expect((await active()).map(({ remote_port }) => remote_port)).toEqual([
        tunnel.reverse.first,
        tunnel.reverse.first + 1,
      ]);
    });

    test("a VMA that is rejected keeps the enrolment that it had", async () => {
      const before = await onVma("cat /opt/vma/vma-config.conf");
      expect(await enrolled("reject")).toContain("not enrolled: the OMA's operator rejected this VMA");
      expect(await onVma("cat /opt/vma/vma-config.conf")).toBe(before);
    });

    test("an API that is dead behind a live tunnel is seen on both sides", async () => {
      await onVma("systemctl stop vma-api");
      await expect(
        onOma(`curl -sf --max-time 5 http://127.0.0.1:${tunnel.reverse.first + 1}/api/v1/health`),
      ).rejects.toThrow();
      expect(await onVma("appliance-health --only http || true")).toMatch(/FAILED\s+VMA API answers/u);
      await onVma("systemctl start vma-api");
      await onOma("systemctl stop oma-api");
      expect(await onVma("/opt/vma/setup-wizard.sh --once")).toContain(
        "up, but the OMA's API does not answer",
      );
      await onOma("systemctl start oma-api");
    });

    test("an ssh that loses its OMA is gone, and the tunnel comes back by itself", async () => {
      const before = await onVma("pgrep -u vma -x ssh");
      await onOma("pkill -f '^sshd: vma_tunnel'");
      await onVma(until(`[[ $(pgrep -u vma -x ssh) =~ ^[0-9]+$ && $(pgrep -u vma -x ssh) != ${before} ]]`));
      await onVma(until("curl -sf --max-time 5 http://127.0.0.1:8082/health >/dev/null"));
    });

    test("one that is revoked loses its tunnel at once and does not come back, and all of it is on record", async () => {
      const [, second] = await active();
      const port = tunnel.reverse.first + 1;
      const took = await onOma(
        `began=$(date +%s%N); ossea-enrolment revoke ${second?.id} >/dev/null; while ss -tln | grep -q 127.0.0.1:${port}; do :; done; echo $(( ($(date +%s%N) - began) / 1000000 ))`,
      );
      expect(Number(took)).toBeLessThan(10_000);
      await onVma(until("grep -q revoked /run/vma-tunnel/state.json"));
      expect(await onVma("appliance-health --only tunnel/up || true")).toMatch(/FAILED[\s\S]*was revoked/u);
      expect((await state()).fault).toMatch(/not approved, or was revoked/u);
      expect(await apiThroughTunnel(port)).toBe("");
      const events = JSON.parse(await onOma("ossea-enrolment --json audit 500")).audit;
      const ofSecond = events
        .filter(
          ({ vma_fingerprint }: { vma_fingerprint: string }) => vma_fingerprint === second?.vma_fingerprint,
        )
        .map(({ event_type }: { event_type: string }) => event_type);
      expect(ofSecond.at(0)).toBe("revocation");
      expect(ofSecond.slice(-4).reverse()).toEqual(["enrollment", "verification", "approval", "connection"]);
      expect(ofSecond).toContain("disconnection");
    });
  });
}
