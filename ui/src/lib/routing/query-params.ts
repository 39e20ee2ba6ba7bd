import { here } from "./here.svelte.ts";

/** One parameter: how it stands in the URL. What is left out, or cannot be read, is its default. */
interface Param<T> {
  read(text: string | null): T;
  write(value: T): string | null;
}

type Values<S> = { [K in keyof S]: S[K] extends Param<infer T> ? T : never };

/** Free text; empty unless given. */
export const text = (): Param<string> => ({ read: (given) => given ?? "", write: (value) => value || null });

/** True as `1`. */
export const flag = (): Param<boolean> => ({ read: (given) => given === "1", write: (value) => (value ? "1" : null) });

/** One of some words, or the first. */
export const choice = <const C extends readonly [string, ...string[]]>(...choices: C): Param<C[number]> => ({
  read: (given) => choices.find((one) => one === given) ?? choices[0],
  write: (value) => (value === choices[0] ? null : value),
});

/** Several texts, separated by commas that are escaped inside them. */
export const list = (): Param<readonly string[]> => ({
  read: (given) => (given === null || given === "" ? [] : given.split(",").map((part) => safely(part))),
  write: (values) => values.map((value) => encodeURIComponent(value)).join(",") || null,
});

/** A number, undefined unless given. */
export const number = (): Param<number | undefined> => ({
  read: (given) => (given === null || given === "" || !Number.isFinite(Number(given)) ? undefined : Number(given)),
  write: (value) => (value === undefined ? null : String(value)),
});

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

function safely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
