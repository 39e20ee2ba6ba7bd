import { runCli } from "../run.js";

/** What a command line printed, and how it ended. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in this process, as a shell would with this environment and input. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Run> {
  let out = "";
  let err = "";
  const code = await runCli(
    args,
    {
      env,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      readInput: async () => input,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { code, out, err };
}
