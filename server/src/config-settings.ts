/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: where it is read from, how, and what a person needs to know of it. Made by the builders below. */
export interface Setting<Value> {
  readonly env: string;
  /** For people: `text`, `integer`, … */
  readonly type: string;
  readonly description: string;
  readonly defaultText: string;
  readonly secret: boolean;
  readonly isRequired: boolean;
  /** Reads a given value. Throws an Error that continues the sentence `<value> …`. */
  parse(text: string): Value;
  /** The value when none is given. */
  fallback(env: Environment): Value;
}

/** What every builder takes. `Fallback` is undefined for a setting that may be absent. */
export interface SettingOptions<Value, Fallback extends Value | undefined> {
  readonly env: string;
  readonly description: string;
  /** The value when none is given, or a function of the environment (then `defaultText` says it in words). */
  readonly default?: Fallback | ((env: Environment) => Fallback);
  readonly defaultText?: string;
  /** Refuse to start without a value. */
  readonly required?: boolean;
  /** Never print the value. */
  readonly secret?: boolean;
}

type Options<Value, Fallback extends Value | undefined, More = object> = SettingOptions<Value, Fallback> & More;

/** What a setting holds: its value, and undefined only where there is neither a default nor a requirement. */
type Held<Value, Given> = Given extends { required: true }
  ? Value
  : Given extends { default: infer Default }
    ? Default extends (env: Environment) => infer Result
      ? Value | Extract<Result, undefined>
      : Value | Extract<Default, undefined>
    : Value | undefined;

/** Any text. */
export function text<const Given extends Options<string, string | undefined, { pattern?: RegExp; hint?: string }>>(
  options: Given,
): Setting<Held<string, Given>> {
  return setting<string, Given>("text", options, (value) => {
    if (options.pattern?.test(value) === false) throw new Error(options.hint ?? `does not match ${options.pattern}`);
    return value;
  });
}

/** A whole number between `min` (0 unless given) and `max` (2^53 − 1 unless given). */
export function integer<const Given extends Options<number, number | undefined, { min?: number; max?: number }>>(
  options: Given,
): Setting<Held<number, Given>> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return setting<number, Given>("integer", options, (value) => inBounds(wholeNumber(value), min, max, String));
}

/** Yes or no: true, yes, on, 1 or false, no, off, 0. */
export function flag<const Given extends Options<boolean, boolean | undefined>>(
  options: Given,
): Setting<Held<boolean, Given>> {
  return setting<boolean, Given>("true or false", options, (value) => {
    if (/^(true|yes|on|1)$/i.test(value)) return true;
    if (/^(false|no|off|0)$/i.test(value)) return false;
    throw new Error("must be true or false");
  });
}

/** One of a few words. */
export function choice<
  const Word extends string,
  const Given extends Options<Word, Word | undefined, { values: readonly Word[] }>,
>(options: Given & { readonly values: readonly Word[] }): Setting<Held<Word, Given>> {
  return setting<Word, Given>(options.values.join(", "), options, (value) => {
    const word = options.values.find((candidate) => candidate === value);
    if (word === undefined) throw new Error(`must be one of ${options.values.join(", ")}`);
    return word;
  });
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time, written 500ms, 15s, 10m, 24h or 7d; the value (and `default`, `min`, `max`) is in ms. */
export function duration<const Given extends Options<number, number | undefined, { min?: number; max?: number }>>(
  options: Given,
): Setting<Held<number, Given>> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const parse = (value: string) => {
    const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(value) ?? [];
    const unitMs = UNITS_MS[unit ?? ""];
    if (unitMs === undefined) throw new Error("must be a length of time such as 500ms, 15s, 10m, 24h or 7d");
    return inBounds(Number(amount) * unitMs, min, max, formatDuration);
  };
  return setting<number, Given>("duration", options, parse, formatDuration);
}

/** An absolute URL with one of `protocols` (http and https unless given), kept as written but for a trailing slash. */
export function url<const Given extends Options<string, string | undefined, { protocols?: readonly string[] }>>(
  options: Given,
): Setting<Held<string, Given>> {
  const protocols = options.protocols ?? ["http", "https"];
  return setting<string, Given>("URL", options, (value) => {
    const protocol = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : "";
    if (!protocols.includes(protocol))
      throw new Error(`must be a URL that begins with ${protocols.join(":// or ")}://`);
    return value.replace(/\/$/, "");
  });
}

/** Values separated by commas; `item` reads each (throws an Error that continues the sentence `<value> …`). */
export function list<
  Item = string,
  const Given extends Options<readonly Item[], readonly Item[] | undefined> = Options<readonly Item[], readonly Item[]>,
>(options: Given & { readonly item?: (text: string) => Item }): Setting<Held<readonly Item[], Given>> {
  const item = options.item ?? ((text: string) => text as Item);
  const parse = (value: string) =>
    value
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map(item);
  return setting<readonly Item[], Given>("list", options, parse, (items) => items.join(","));
}

function setting<Value, Given extends SettingOptions<Value, Value | undefined>>(
  type: string,
  options: Given,
  parse: (text: string) => Value,
  format: (value: Value) => string = String,
): Setting<Held<Value, Given>> {
  const fallback = options.default;
  const isComputed = typeof fallback === "function";
  return {
    env: options.env,
    type,
    description: options.description,
    defaultText: options.defaultText ?? defaultTextOf(options, format),
    secret: options.secret ?? false,
    isRequired: options.required ?? false,
    parse: parse as (text: string) => Held<Value, Given>,
    fallback: (env) => (isComputed ? (fallback as (env: Environment) => unknown)(env) : fallback) as Held<Value, Given>,
  };
}

function defaultTextOf<Value>(
  options: SettingOptions<Value, Value | undefined>,
  format: (value: Value) => string,
): string {
  if (options.required === true) return "(required)";
  if (options.default === undefined || typeof options.default === "function") return "";
  const shown = format(options.default);
  return shown === "" ? "" : `\`${shown}\``;
}

function wholeNumber(value: string): number {
  if (!/^-?\d+$/.test(value)) throw new Error("must be a whole number");
  return Number(value);
}

function inBounds(value: number, min: number, max: number, format: (value: number) => string): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  if (max === Number.MAX_SAFE_INTEGER) throw new Error(`must be at least ${format(min)}`);
  throw new Error(`must be between ${format(min)} and ${format(max)}`);
}

/** A length of time in the largest unit that expresses it exactly: 90000 → `90s`, 86400000 → `1d`. */
export function formatDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(UNITS_MS)
    .reverse()
    .find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return ms === 0 ? "0s" : `${ms / unitMs}${unit}`;
}
