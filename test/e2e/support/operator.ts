/** The operator's tools on a real appliance: a chapter of the story that builds it. */
import { describe, expect, test } from "vitest";
import type { Appliance } from "./wizard.ts";

const bundle = "tar -xOzf $(ls /var/lib/ossea/support/*.tar.gz | tail -n 1)";

/** @param appliance a clone that is up, with its database */
export function operatorTools(appliance: () => Promise<Appliance>): void {
  describe("the operator's tools", () => {
    const inside = async (command: string) => (await appliance()).inside(command);

    test("appliance-info says which build it is, and needs no root", async () => {
      const told = JSON.parse(await inside("runuser -u nobody -- appliance-info --json"));
      expect(told).toMatchObject({
        appliance: "oma",
        built: expect.stringMatching(/^20\d\d-\d\d-\d\dT/u),
        artifacts: { "oma-api": expect.any(String) },
        fingerprint: { "unit/oma-api.service": expect.stringMatching(/^[0-9a-f]{12}$/u) },
        packages: { "mariadb-server": expect.any(String) },
      });
      expect(await inside("appliance-info")).toContain(told.digest);
      expect(await inside("cat /etc/motd")).toContain("appliance-health");
    });

    test("appliance-health runs the build's checks, and sees a planted fault", async () => {
      const told = JSON.parse(await inside("appliance-health --format json"));
      expect([told.failed, told.passed > 60]).toEqual([0, true]);
      await inside("systemctl stop ossea-backup.timer");
      const text = await inside("appliance-health --only units || true");
      await inside("systemctl start ossea-backup.timer");
      expect(text).toMatch(/FAILED\s+The database is backed up every day/u);
    });

    test("the support bundle belongs to the operator and holds no secret, not even one that a log tells", async () => {
      await inside(
        `. /etc/migratekit/oma-api.env; logger "planted $OMA_DB_PASSWORD"; systemd-run --quiet --wait --unit=planted-words echo "DATABASE_DSN=oma:$OMA_DB_PASSWORD@tcp(x)/y"`,
      );
      const said = await inside("appliance-support 2>/dev/null");
      expect(said.split("\n").at(-1)).toMatch(/^\/var\/lib\/ossea\/support\/.+\.tar\.gz$/u);
      const names = await inside(`tar -tzf ${said.split("\n").at(-1)}`);
      for (const name of [
        "health.json",
        "info.json",
        "journal/oma-api.service.txt",
        "firewall.txt",
        "tables.txt",
      ]) {
        expect(names).toContain(name);
      }
      expect(await inside("stat --format='%a %U' /var/lib/ossea/support/*.tar.gz | sort -u")).toBe(
        "600 oma_admin",
      );
      const words = "grep -e OMA_DB_PASSWORD -e DATABASE_DSN";
      expect(await inside(`${bundle} | ${words} | sort -u`)).toContain("[masked]");
      const leaked = `. /etc/migratekit/oma-api.env; ${bundle} | grep -cF -e "$OMA_DB_PASSWORD" -e "$MIGRATEKIT_CRED_ENCRYPTION_KEY" || true`;
      expect(await inside(leaked)).toBe("0");
    });

    test("on a full disk the support bundle is kept in memory, and nothing half of it stays", async () => {
      const folder = "/var/lib/ossea/support";
      await inside(`mount -t tmpfs -o size=16k,mode=0750 tmpfs ${folder}`);
      const said = await inside(`appliance-support 2>&1; ls -A ${folder} | wc -l; umount ${folder}`);
      expect(said).toContain(`${folder} cannot take the bundle: No space left on device`);
      const [path, left] = said.split("\n").slice(-2);
      expect([path, left]).toEqual([expect.stringMatching(/^\/run\/ossea\/support\/.+\.tar\.gz$/u), "0"]);
      expect(await inside(`tar -tzf ${path} | grep -c /health.json; stat --format='%a %U' ${path}`)).toBe(
        "1\n600 oma_admin",
      );
      await inside("rm -r /run/ossea/support");
    });

    test("a backup that is restored brings back what was lost, and old ones go", async () => {
      const sql = (query: string) => inside(`mariadb migratekit_oma -Ne "${query}"`);
      const before = await sql(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
      );
      await sql("CREATE TABLE planted (word VARCHAR(20)); INSERT INTO planted VALUES ('kept')");
      await inside("systemctl start --wait ossea-backup.service");
      const file = (await inside("ls /var/backups/ossea/*.sql.gz")).split("\n").at(-1) ?? "";
      expect(await inside(`stat --format='%a %U' ${file} /var/backups/ossea`)).toBe("600 root\n700 root");
      await sql("DROP TABLE planted; CREATE TABLE later (id INT)");
      expect(await inside(`appliance-backup restore ${file}`)).toContain(
        "started again: volume-daemon.service",
      );
      expect(await sql("SELECT word FROM planted")).toBe("kept");
      expect(await sql("SHOW TABLES LIKE 'later'")).toBe("");
      await sql("DROP TABLE planted");
      expect(
        await sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"),
      ).toBe(before);
      await inside("timeout 60 bash -c 'until appliance-health --only http >/dev/null; do :; done'");
      expect(await inside("BACKUP_KEEP=1 appliance-backup make")).toContain("removed, 1 are kept");
      expect(await inside("ls /var/backups/ossea | wc -l")).toBe("1");
    });

    test("a backup that was cut off is refused before anything is dropped", async () => {
      const file = await inside("ls /var/backups/ossea/*.sql.gz");
      await inside(`head -c 2000 ${file} > /tmp/cut.sql.gz`);
      const answer = await inside("appliance-backup restore /tmp/cut.sql.gz 2>&1 || true");
      expect(answer).toContain("/tmp/cut.sql.gz is no whole backup");
      expect(
        await inside(
          "mariadb migratekit_oma -Ne 'SELECT COUNT(*) > 0 FROM information_schema.tables WHERE table_schema = DATABASE()'",
        ),
      ).toBe("1");
      await inside("rm /tmp/cut.sql.gz");
    });

    test("a migration is applied to the database in use; one that fails is taken back with all that it did", async () => {
      const sql = (query: string) => inside(`mariadb migratekit_oma -Ne "${query}"`);
      const folder = "/tmp/migrations";
      const put = (name: string, text: string) => inside(`printf '${text}' > ${folder}/${name}.up.sql`);
      await inside(`mkdir ${folder}`);
      await put("20990101000000_planted", "CREATE TABLE planted (id INT);\\n");
      expect(await inside(`appliance-migrate ${folder}`)).toContain("migratekit_oma: 1 applied");
      await put("20990102000000_broken", "DROP TABLE planted;\\nCREATE TABEL broken (id INT);\\n");
      const answer = await inside(`appliance-migrate ${folder} 2>&1 || true`);
      expect(answer).toMatch(/20990102000000_broken\.up\.sql: .*at line 2/su);
      expect(await sql("SHOW TABLES LIKE 'planted'")).toBe("planted");
      expect(await sql("SELECT version FROM schema_migrations WHERE version > '2099'")).toBe(
        "20990101000000",
      );
      await sql("DROP TABLE planted; DELETE FROM schema_migrations WHERE version > '2099'");
      await inside(`rm -r ${folder}`);
      await inside("timeout 60 bash -c 'until appliance-health --only http >/dev/null; do :; done'");
    });
  });
}
