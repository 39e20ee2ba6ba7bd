/** One parameter: how it stands in the URL. What is left out, or cannot be read, is its default. */
export interface Param<T> {
  read(text: string | null): T;
  write(value: T): string | null;
}

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

function safely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
