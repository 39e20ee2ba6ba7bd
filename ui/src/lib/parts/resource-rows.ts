import { canonicalName } from "@catalog/schema/resource-list";
import { resourceOrder } from "../format/quantity.ts";

/** One resource as one edits it. */
export interface ResourceRow {
  name: string;
  /** As typed; a row without one is left out. */
  quantity: string;
}

/** Resources as rows to edit. @param usual names that stand there although they have no amount yet */
export function rowsOf(resources: Readonly<Record<string, string>>, usual: readonly string[] = []): ResourceRow[] {
  const given = Object.entries(resources).map(([name, quantity]) => ({ name: canonicalName(name), quantity }));
  const missing = usual.filter((name) => !given.some((row) => row.name === name));
  return [...given, ...missing.map((name) => ({ name, quantity: "" }))].sort((a, b) => resourceOrder(a.name, b.name));
}

/** What the rows say, without those that are empty. */
export function listOf(rows: readonly ResourceRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.map(({ name, quantity }) => [name, quantity.trim()] as const).filter(([, quantity]) => quantity !== ""),
  );
}
