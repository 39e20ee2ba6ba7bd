import { here } from "./here.svelte.ts";
import type { Param } from "./param.ts";

export { choice, flag, list, number, text } from "./param.ts";

type Values<S> = { [K in keyof S]: S[K] extends Param<infer T> ? T : never };

/** The filters of a page, kept in its URL: `values` is reactive, `set` changes some of them. */
export class QueryParams<S extends Readonly<Record<string, Param<unknown>>>> {
  constructor(private readonly spec: S) {}

  get values(): Values<S> {
    const entries = Object.entries(this.spec).map(([name, param]) => [name, param.read(here.query.get(name))]);
    return Object.fromEntries(entries) as Values<S>;
  }

  /** How many differ from their defaults. */
  get count(): number {
    return Object.keys(this.spec).filter((name) => here.query.has(name)).length;
  }

  set(changes: Partial<Values<S>>): void {
    const texts = Object.entries(changes).map(([name, value]) => [name, this.spec[name]?.write(value) ?? null]);
    here.setQuery(Object.fromEntries(texts) as Record<string, string | null>);
  }

  clear(): void {
    here.setQuery(Object.fromEntries(Object.keys(this.spec).map((name) => [name, null])));
  }
}
