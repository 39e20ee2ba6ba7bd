import { type Client, escapeIdentifier } from "pg";

/** A table of the database, as a dump has it. */
interface TableShape {
  readonly table: string;
  /** Columns that are written, with their types; generated ones are computed anew. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Column → last value of the sequence behind it, as text. */
  readonly sequences: Readonly<Record<string, string>>;
}

/** One line of a dump: the beginning of a table, a row of it (a JSON list of its columns' texts, untouched), or the end of everything. */
export type DumpLine =
  | { readonly kind: "table"; readonly shape: TableShape }
  | { readonly kind: "row"; readonly json: string }
  | { readonly kind: "end"; readonly rows: number };

export interface DumpOptions {
  /** Tables of which nothing is kept, such as sessions. */
  readonly without: readonly string[];
}

/** Where migrations are remembered; a dump names them beside its tables. */
export const MIGRATIONS_TABLE = "migrations";

const FETCH = 500;

/**
 * Reads every table of the database in one snapshot, whatever is written meanwhile, those that are referred to first. Values are kept as the
 * texts that COPY would write, which is exact: none passes through a number of JSON or JavaScript, and null is no value.
 */
export async function* dumpDatabase(client: Client, { without }: DumpOptions): AsyncGenerator<DumpLine> {
  await client.query("SET statement_timeout = 0");
  await client.query("SET DateStyle = 'ISO'");
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  let rows = 0;
  for (const shape of await tableShapes(client)) {
    if (without.includes(shape.table) || shape.table === MIGRATIONS_TABLE) continue;
    yield { kind: "table", shape };
    const columns = shape.columns.map(({ name }) => `${escapeIdentifier(name)}::text`).join(", ");
    await client.query(
      `DECLARE dump CURSOR FOR SELECT json_build_array(${columns})::text AS json FROM ${escapeIdentifier(shape.table)}`,
    );
    for (;;) {
      const page = await client.query<{ json: string }>(`FETCH ${FETCH} FROM dump`);
      for (const { json } of page.rows) yield { kind: "row", json };
      rows += page.rows.length;
      if (page.rows.length < FETCH) break;
    }
    await client.query("CLOSE dump");
  }
  await client.query("COMMIT");
  yield { kind: "end", rows };
}

/** Names of the migrations that the database has seen, in their order; empty where there are none. */
export async function appliedMigrations(client: Client): Promise<readonly string[]> {
  const { rows: found } = await client.query<{ there: string | null }>("SELECT to_regclass($1)::text AS there", [
    MIGRATIONS_TABLE,
  ]);
  if (found[0]?.there === null || found[0] === undefined) return [];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY "timestamp"`);
  return rows.map(({ name }) => name);
}

/** Removes every table of the schema, with what is in it. */
export async function dropTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
  );
  if (rows.length === 0) return;
  await client.query(`DROP TABLE ${rows.map(({ name }) => escapeIdentifier(name)).join(", ")} CASCADE`);
}

const BATCH_ROWS = 200;
const BATCH_LENGTH = 1_000_000;

/**
 * Fills tables that the same migrations have made with the rows of a dump, in one transaction; what the migrations put there goes.
 * @throws Error for a dump without its end, or with other tables than the database has.
 */
export async function loadDatabase(client: Client, lines: AsyncIterable<DumpLine>): Promise<number> {
  await client.query("SET statement_timeout = 0");
  await client.query("BEGIN");
  let loading: TableLoad | undefined;
  let rows = 0;
  let end: number | undefined;
  for await (const line of lines) {
    if (line.kind === "table") {
      await loading?.flush();
      loading = await TableLoad.begin(client, line.shape);
    } else if (line.kind === "row") {
      if (loading === undefined) throw new Error("The backup has a row before its first table.");
      await loading.add(line.json);
      rows += 1;
    } else end = line.rows;
  }
  await loading?.flush();
  if (end !== rows) throw new Error(`The backup is not whole: it has ${rows} rows of ${end ?? "an unknown number"}.`);
  await client.query("COMMIT");
  return rows;
}

/** The rows of one table on their way into the database. */
class TableLoad {
  private batch: string[] = [];
  private length = 0;

  private constructor(
    private readonly client: Client,
    private readonly insert: string,
  ) {}

  static async begin(client: Client, { table, columns, sequences }: TableShape): Promise<TableLoad> {
    const name = escapeIdentifier(table);
    const list = columns.map((column) => escapeIdentifier(column.name)).join(", ");
    const values = columns.map(({ type }, i) => `(r ->> ${i})::${type}`).join(", ");
    await client.query(`DELETE FROM ${name}`);
    for (const [column, value] of Object.entries(sequences))
      await client.query("SELECT setval(pg_get_serial_sequence($1, $2), $3::bigint)", [name, column, value]);
    return new TableLoad(
      client,
      `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM json_array_elements($1::json) r`,
    );
  }

  async add(json: string): Promise<void> {
    this.batch.push(json);
    this.length += json.length;
    if (this.batch.length >= BATCH_ROWS || this.length >= BATCH_LENGTH) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.batch.length === 0) return;
    await this.client.query(this.insert, [`[${this.batch.join(",")}]`]);
    this.batch = [];
    this.length = 0;
  }
}

async function tableShapes(client: Client): Promise<readonly TableShape[]> {
  const { rows } = await client.query<{ name: string; columns: { name: string; type: string }[]; refers: string[] }>(`
    SELECT c.relname AS name,
      (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
      (SELECT coalesce(json_agg(DISTINCT r.relname), '[]') FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS refers
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname`);
  const shapes: TableShape[] = [];
  for (const { name, columns } of inOrder(rows))
    shapes.push({ table: name, columns, sequences: await sequencesOf(client, name, columns) });
  return shapes;
}

/** Those that are referred to before those that refer to them. */
function inOrder<Table extends { readonly name: string; readonly refers: readonly string[] }>(
  tables: readonly Table[],
): readonly Table[] {
  const done: Table[] = [];
  let left = tables;
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name));
    const next = left.filter(({ refers }) => !refers.some((name) => waiting.has(name)));
    if (next.length === 0) throw new Error(`The tables ${[...waiting].join(", ")} refer to each other in a circle.`);
    done.push(...next);
    left = left.filter((one) => !next.includes(one));
  }
  return done;
}

async function sequencesOf(
  client: Client,
  table: string,
  columns: TableShape["columns"],
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { name: column } of columns) {
    const { rows } = await client.query<{ sequence: string | null }>(
      "SELECT pg_get_serial_sequence($1, $2) AS sequence",
      [escapeIdentifier(table), column],
    );
    const sequence = rows[0]?.sequence ?? null;
    if (sequence === null) continue;
    const { rows: values } = await client.query<{ value: string }>(
      `SELECT last_value::text AS value FROM ${sequence} WHERE is_called`,
    );
    if (values[0] !== undefined) found[column] = values[0].value;
  }
  return found;
}
