import type { Environment, Setting } from "./config-settings.js";

/** Every value of the environment that cannot be used, in one message. */
export class ConfigInvalidError extends Error {
  readonly code = "CONFIG_INVALID";
  override readonly name = "ConfigInvalidError";

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** The settings of a part by the name that the program uses for them. */
export type ConfigSpec = Readonly<Record<string, Setting<unknown>>>;

/** What {@link readConfig} makes of a spec. */
export type ConfigOf<Spec extends ConfigSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Setting<infer Value> ? Value : never;
};

/**
 * Reads the settings from the environment; an empty value counts as none. Variables that no setting names are ignored.
 * @param rules finds what is wrong with values that are fine one by one; each problem is a sentence, which begins with the
 * variable it is about. Where a value could not be read it is asked with the default; what it says of that one is dropped.
 * @throws ConfigInvalidError naming every bad value; the value of a secret is never in the message.
 */
export function readConfig<Spec extends ConfigSpec>(
  spec: Spec,
  env: Environment,
  rules: (config: ConfigOf<Spec>) => readonly string[] = () => [],
): ConfigOf<Spec> {
  const problems: string[] = [];
  const unreadable = new Set<string>();
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(spec)) {
    try {
      values[name] = valueOf(setting, env);
    } catch (error) {
      problems.push(`${setting.env}: ${error instanceof Error ? error.message : String(error)}`);
      unreadable.add(setting.env);
      values[name] = setting.isRequired ? undefined : setting.fallback(env);
    }
  }
  const config = values as ConfigOf<Spec>;
  problems.push(...rules(config).filter((problem) => !unreadable.has(problem.split(":", 1)[0] ?? "")));
  if (problems.length > 0) throw new ConfigInvalidError(problems);
  return config;
}

function valueOf(setting: Setting<unknown>, env: Environment): unknown {
  const text = env[setting.env]?.trim();
  if (text === undefined || text === "") {
    if (setting.isRequired) throw new Error("must be set");
    return setting.fallback(env);
  }
  try {
    return setting.parse(text);
  } catch (error) {
    const shown = setting.secret ? "the given value" : JSON.stringify(text);
    throw new Error(`${shown} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The settings as a Markdown table for the README: variable, type, default, meaning. */
export function configTable(spec: ConfigSpec): string {
  const rows = Object.values(spec).map(({ env, type, defaultText, description }) =>
    [`\`${env}\``, type, defaultText, description].map((cell) => cell.replaceAll("|", "\\|")),
  );
  const lines = [["Variable", "Type", "Default", "Meaning"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";
}

/** The settings as they are used, for a log line at start: secrets only say whether they are set. */
export function describeConfig<Spec extends ConfigSpec>(spec: Spec, config: ConfigOf<Spec>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, { env, secret }]) => {
      const value = config[name as keyof Spec];
      return [env, secret ? (value === undefined ? "(not set)" : "(set)") : value];
    }),
  );
}
