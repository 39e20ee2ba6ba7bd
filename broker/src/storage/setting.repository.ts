import type { SettingName, Settings } from "../services/ports.js";
import type { Queryable } from "./queryable.js";

/** Settings in PostgreSQL, shared by all replicas. */
export class SettingRepository implements Settings {
  constructor(private readonly db: Queryable) {}

  async get(name: SettingName): Promise<string | undefined> {
    const rows = await this.db.query<{ value: string }>("SELECT value FROM settings WHERE name = $1", [name]);
    return rows[0]?.value;
  }

  async lock(name: SettingName): Promise<string | undefined> {
    await this.db.query("SELECT pg_advisory_xact_lock(hashtextextended('setting ' || $1, 0))", [name]);
    return this.get(name);
  }

  async set(name: SettingName, value: string): Promise<void> {
    await this.db.query(
      "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [name, value],
    );
  }
}
