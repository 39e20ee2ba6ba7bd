import { describe, expect, expectTypeOf, it } from "vitest";
import { choice, duration, flag, integer, list, text, url } from "./config-settings.js";
import { ConfigInvalidError, configTable, describeConfig, readConfig } from "./config.js";

const SPEC = {
  name: text({ env: "NAME", default: "Turin", description: "Shown | to people." }),
  port: integer({ env: "PORT", default: 8000, min: 1, max: 65_535, description: "Where it listens." }),
  isOpen: flag({ env: "OPEN", default: false, description: "Who may join." }),
  mode: choice({ env: "MODE", values: ["token", "open"], default: "token", description: "How." }),
  lease: duration({ env: "LEASE", default: 90_000, min: 1_000, description: "How long." }),
  database: url({ env: "DATABASE_URL", protocols: ["postgresql", "postgres"], secret: true, description: "Where." }),
  ranges: list({ env: "RANGES", default: [], description: "Which." }),
  host: text({
    env: "HOST",
    default: (env) => (env["NODE_ENV"] === "production" ? "0.0.0.0" : "127.0.0.1"),
    defaultText: "`127.0.0.1`, in production `0.0.0.0`",
    description: "Interface.",
  }),
  key: text({
    env: "KEY",
    required: true,
    secret: true,
    pattern: /^\w{4,}$/,
    hint: "is too short",
    description: "Key.",
  }),
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(SPEC, env);
    return [];
  } catch (error) {
    return error instanceof ConfigInvalidError ? error.problems : [String(error)];
  }
};

describe("readConfig", () => {
  it("takes the defaults where nothing, or nothing but space, is given", () => {
    const config = readConfig(SPEC, { KEY: "abcd", PORT: " " });
    expect(config).toEqual({
      name: "Turin",
      port: 8000,
      isOpen: false,
      mode: "token",
      lease: 90_000,
      ranges: [],
      database: undefined,
      host: "127.0.0.1",
      key: "abcd",
    });
    expectTypeOf(config.port).toEqualTypeOf<number>();
    expectTypeOf(config.database).toEqualTypeOf<string | undefined>();
    expectTypeOf(config.mode).toEqualTypeOf<"token" | "open">();
    expectTypeOf(config.key).toEqualTypeOf<string>();
    expectTypeOf(config.ranges).toEqualTypeOf<readonly string[]>();
  });

  it("reads every kind of value", () => {
    const env = {
      KEY: "abcd",
      NAME: " Milan ",
      PORT: "1",
      OPEN: "Yes",
      MODE: "open",
      LEASE: "2m",
      NODE_ENV: "production",
      DATABASE_URL: "postgresql://u:p@h/db",
      RANGES: "10.0.0.0/8, ::1/128,",
      UNKNOWN: "ignored",
    };
    expect(readConfig(SPEC, env)).toEqual({
      name: "Milan",
      port: 1,
      isOpen: true,
      mode: "open",
      lease: 120_000,
      host: "0.0.0.0",
      key: "abcd",
      database: "postgresql://u:p@h/db",
      ranges: ["10.0.0.0/8", "::1/128"],
    });
  });

  it("names every bad value at once, and no secret", () => {
    const env = { PORT: "65536", OPEN: "perhaps", MODE: "closed", LEASE: "90", DATABASE_URL: "mysql://u:geheim@h" };
    expect(problemsOf({ ...env, KEY: "a-b" })).toEqual([
      'PORT: "65536" must be between 1 and 65535',
      'OPEN: "perhaps" must be true or false',
      'MODE: "closed" must be one of token, open',
      'LEASE: "90" must be a length of time such as 500ms, 15s, 10m, 24h or 7d',
      "DATABASE_URL: the given value must be a URL that begins with postgresql:// or postgres://",
      "KEY: the given value is too short",
    ]);
    expect(problemsOf({ LEASE: "500ms", PORT: "1e3" })).toEqual([
      'PORT: "1e3" must be a whole number',
      'LEASE: "500ms" must be at least 1s',
      "KEY: must be set",
    ]);
  });

  it("names what is wrong between several values too, but one mistake once", () => {
    const rules = (config: { port: number }) => (config.port === 1 ? ["OPEN: needed by PORT 1"] : ["PORT: must be 1"]);
    expect(() => readConfig(SPEC, { KEY: "abcd", PORT: "1", LEASE: "x" }, rules)).toThrow(/LEASE: .*\n.*OPEN: needed/);
    expect(() => readConfig(SPEC, { KEY: "abcd", PORT: "x" }, rules)).toThrow(
      /^The configuration is not usable:\n  - PORT: "x" must be a whole number$/,
    );
    expect(readConfig(SPEC, { KEY: "abcd" }, () => []).port).toBe(8000);
  });
});

describe("what people see of a configuration", () => {
  it("is a Markdown table", () => {
    const { name, lease, host, key } = SPEC;
    expect(configTable({ name, lease, host, key })).toBe(
      [
        "| Variable | Type | Default | Meaning |",
        "| --- | --- | --- | --- |",
        "| `NAME` | text | `Turin` | Shown \\| to people. |",
        "| `LEASE` | duration | `90s` | How long. |",
        "| `HOST` | text | `127.0.0.1`, in production `0.0.0.0` | Interface. |",
        "| `KEY` | text | (required) | Key. |",
        "",
      ].join("\n"),
    );
  });

  it("says of a secret only whether it is set", () => {
    const shown = describeConfig(SPEC, readConfig(SPEC, { KEY: "abcd" }));
    expect(shown).toMatchObject({ KEY: "(set)", DATABASE_URL: "(not set)", PORT: 8000 });
  });
});
