/**
 * The setup wizard as an operator meets it: on the console of an appliance, with its real services.
 * The tests stand in the story that builds the appliance; this is a chapter of it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Control } from "../../../lab/control/client.ts";
import { openHome } from "../../../lab/home.ts";
import { ConsoleScreen } from "../../support/console-screen.ts";

export interface Appliance {
  /** Folder of the lab that runs it. */
  lab: string;
  /** Name of the instance. */
  instance: string;
  /** Runs a command of root inside, by a way that needs no network; rejects when it fails. */
  inside(command: string): Promise<string>;
}

const enter = "\r";
const escapeKey = "\u001b";
const keys = { controlC: "\u0003", controlD: "\u0004", controlZ: "\u001a", controlBackslash: "\u001c" };
const password = "a password for this test alone";

/** @param appliance a clone that is up; it is as before when the chapter ends */
export function wizardOnTheConsole(appliance: () => Promise<Appliance>): void {
  describe("the setup wizard on the console", () => {
    let machine: Appliance;
    let screen: ConsoleScreen;
    let address: string;
    const dashboard = () => screen.shows(/Choose a number: $/mu);
    const typed = async (answer: string, next: string | RegExp) => {
      screen.type(answer);
      return screen.shows(next);
    };

    beforeAll(async () => {
      machine = await appliance();
      const { consoleSocket } = await new Control(openHome(machine.lab)).machine(machine.instance);
      screen = await ConsoleScreen.open(consoleSocket);
      // Questions that nobody answers end sooner here.
      await machine.inside(
        `sed -i 's/"keepSeconds": 60/"keepSeconds": 4/; s/"settleSeconds": 90/"settleSeconds": 25/' /etc/ossea/console.json && systemctl restart oma-autologin`,
      );
      await screen.shows("Looking at the machine");
      address = /Address\s+(\S+)\//u.exec(await dashboard())?.[1] ?? "";
    });
    afterAll(() => screen?.close());

    test("shows who it is, where it is reached, and that its services work", async () => {
      const shown = await screen.shows(/(working[\s\S]*){5}/u);
      for (const words of [
        "OSSEA-Migrate",
        machine.instance.slice(0, 20),
        "DHCP",
        `http://${address}:3001`,
      ]) {
        expect(shown).toContain(words);
      }
      await screen.picture("wizard-dashboard");
    });

    test("no key leaves it, nor does a signal or a hang-up", async () => {
      for (const key of Object.values(keys)) screen.type(key);
      await typed("2", "service details");
      await typed(keys.controlC, "Choose a number");
      for (const signal of ["HUP", "INT", "TSTP"]) {
        await machine.inside(`systemctl kill --signal=${signal} oma-autologin`);
      }
      await typed("2", "service details");
      await typed(escapeKey, "Choose a number");
      const before = await machine.inside("systemctl show --property=NRestarts --value oma-autologin");
      await machine.inside("systemctl kill --signal=KILL oma-autologin");
      await screen.shows("Looking at the machine");
      await dashboard();
      expect(Number(await machine.inside("systemctl show --property=NRestarts --value oma-autologin"))).toBe(
        Number(before) + 1,
      );
    });

    test("a service that answers nobody is not called working, and its own words are shown", async () => {
      await machine.inside("systemctl kill --signal=STOP migration-gui");
      await screen.shows(/GUI\s+not answering/u);
      await machine.inside("systemctl kill --signal=CONT migration-gui");
      await screen.shows(/GUI\s+working/u);
      await machine.inside("systemctl stop nbd-server");
      await screen.shows(/NBD server\s+stopped/u);
      await typed("2", /\[3\] nbd-server\.service\s+stopped/u);
      await screen.picture("wizard-services");
      await typed("3", /Stopped nbd-server\.service/u);
      await typed("b", "service details");
      await typed("b", "Choose a number");
    });

    test("restarts all services in their order, each with its result", async () => {
      await typed("3", "y for yes");
      const shown = await typed("y", "Press any key");
      const units = ["mariadb", "volume-daemon", "nbd-server", "oma-api", "migration-gui"];
      const results = [...shown.matchAll(/^ {2}(\S+)\.service\s+(\S+) after [\d.]+ s$/gmu)];
      expect(results.map(([, unit, state]) => [unit, state])).toEqual(units.map((unit) => [unit, "working"]));
      await typed(" ", /NBD server\s+working/u);
    });

    test("a wrong network answer is named and asked again", async () => {
      await typed("1", "[1] Static address");
      await typed("1", "Address with prefix");
      await typed(`${"\b".repeat(20)}10.1.1.300/24${enter}`, "10.1.1.300 is no IPv4 address");
      await typed(`192.0.2.10${enter}`, "Prefix or mask");
      await typed(`255.0.255.0${enter}`, "is no mask");
      await typed(`28${enter}`, "Gateway, or none");
      await typed(`192.0.2.99${enter}`, "is not in 192.0.2.0/28");
      await screen.picture("wizard-network-mistakes");
      await typed(escapeKey, "[1] Static address");
    });

    /** Answers the questions of a static address; Enter takes what is shown. */
    async function setStatic(withPrefix: string, gateway: string): Promise<void> {
      await typed("1", "Address with prefix");
      await typed(`${withPrefix}${enter}`, "Gateway, or none");
      await typed(`${gateway}${enter}`, "Name servers");
      await typed(enter, "Search domains");
      await typed(enter, "Try these settings?");
    }
    const network = () =>
      machine.inside("cat /etc/netplan/*.yaml; ls /run/netplan 2>/dev/null; ip -4 -brief address");

    test("settings with which the gateway does not answer are taken back at once", async () => {
      const before = await network();
      const [a, b] = address.split(".");
      await setStatic(`${a}.${b}.15.200/20`, `${a}.${b}.15.201`);
      await typed("y", /Taken back: the gateway \S+ does not answer/u);
      await typed(" ", "[1] Static address");
      expect(await network()).toBe(before);
    });

    test("settings that nobody keeps are taken back", async () => {
      const before = await network();
      await setStatic(`${address}/20`, "");
      await typed("y", "Keep them?");
      await screen.picture("wizard-network-trial");
      await screen.shows(/Taken back: nobody kept them within 4 s/u);
      await typed(" ", "[1] Static address");
      expect(await network()).toBe(before);
    });

    test("settings on trial end by themselves when the wizard is gone", async () => {
      const before = await network();
      await setStatic(`${address}/20`, "");
      await typed("y", "Keep them?");
      expect(await network()).not.toBe(before);
      await machine.inside("systemctl kill --signal=KILL oma-autologin");
      await machine.inside(
        `timeout 60 bash -c 'until [[ ! -e /run/netplan/01-netcfg.yaml ]]; do read -rt 0.2 <> <(:) || :; done; networkctl reconfigure eth0; /lib/systemd/systemd-networkd-wait-online --ipv4 --timeout=20'`,
      );
      expect(await network()).toBe(before);
      await dashboard();
      await typed("1", "[1] Static address");
    });

    test("settings that are kept stand in one netplan file of mode 0600, and DHCP comes back as it was", async () => {
      const before = await network();
      await setStatic(`${address}/20`, "");
      await typed("y", "Keep them?");
      await typed("k", "Kept.");
      await typed(" ", `${address}/20 on eth0, static`);
      expect(await machine.inside("cd /etc/netplan; stat --format='%n %a %U' *")).toBe(
        "01-netcfg.yaml 600 root",
      );
      await typed("3", "Name servers");
      await typed(`192.0.2.53${enter}`, "Search domains");
      await typed(enter, "Try these settings?");
      await typed("y", "Keep them?");
      await typed("k", "Kept.");
      await typed(" ", "name servers 192.0.2.53");
      await typed("2", "Try these settings?");
      await typed("y", "Keep them?");
      await typed("k", "Kept.");
      await typed(" ", `${address}/20 on eth0, DHCP`);
      expect((await network()).split("\n").at(-1)).toBe(before.split("\n").at(-1));
      await typed(escapeKey, "Choose a number");
    });

    test("works without a default route", async () => {
      const route = await machine.inside("ip -4 route show default");
      await machine.inside("ip -4 route delete default");
      await screen.shows(/Gateway\s+none/u);
      await typed("1", "[1] Static address");
      await typed("b", "Choose a number");
      await machine.inside(`ip -4 route add ${route}`);
      await screen.shows(/Gateway\s+\d/u);
    });

    test("says how it is reached, and what answers", async () => {
      const shown = await typed("4", "Press any key");
      expect(shown.match(/; answers here/gu)?.length).toBe(3);
      await typed(" ", "Choose a number");
    });

    test("makes a support bundle, and says how to fetch it", async () => {
      await typed("5", "Make it now?");
      const shown = await typed("y", "Press any key");
      expect(shown).toContain(`scp oma_admin@${address}:/var/lib/ossea/support/`);
      await typed(" ", "Choose a number");
    });

    test("opens no shell: its login is the system's own, for an account that has a password", async () => {
      await typed("6", "has no password");
      await screen.picture("wizard-login");
      await typed(" ", "Choose a number");
      await machine.inside(`echo 'oma_admin:${password}' | chpasswd`);
      await typed("6", "y for yes");
      await typed("y", "login:");
      await typed(`oma_admin${enter}`, "Password:");
      await typed(`wrong${enter}`, /Login incorrect[\s\S]*login: $/mu);
      await typed(`oma_admin${enter}`, /Login incorrect[\s\S]*Password: $/mu);
      await typed(`${password}${enter}`, /oma_admin@\S+\$ $/mu);
      await typed(`id -un; tty${enter}`, /oma_admin\r?\n\/dev\/tty1/u);
      await typed(`exit${enter}`, "Choose a number");
      await typed("6", "y for yes");
      await typed("y", "login:");
      await typed(keys.controlD, "Choose a number");
      await machine.inside("passwd --lock --quiet oma_admin");
    });

    test("reboots, and is there again with every service at work", async () => {
      const started = "systemctl show --property=ActiveEnterTimestampMonotonic --value basic.target";
      const before = await machine.inside(started);
      await typed("7", "[1] Reboot");
      await typed("1", "Running migrations are interrupted");
      await typed("y", "Looking at the machine");
      await screen.shows(/(working[\s\S]*){5}Choose a number/u);
      expect(await machine.inside(started)).not.toBe(before);
    });
  });
}
