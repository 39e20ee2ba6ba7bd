import { CatalogError } from "@catalog/schema/errors";
import { CommanderError } from "commander";
import { CliError } from "./cli-error.js";
import { EXIT } from "./exit-codes.js";
import { createProgram } from "./program.js";
import type { Terminal } from "./terminal.js";

/**
 * Runs one command line. Whatever fails ends in one sentence on standard error, never in a stack.
 * @param args after the program's name.
 * @returns how the process is to end.
 */
export async function runCli(args: readonly string[], terminal: Terminal, version: string): Promise<number> {
  const { program, context } = createProgram(terminal, version);
  try {
    await program.parseAsync(args, { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return asked(error) ? EXIT.done : EXIT.usage;
    const secret = program.opts<{ token?: string }>().token ?? terminal.env["CATALOG_TOKEN"];
    terminal.err(`catalog: ${withoutSecret(messageOf(error), secret)}\n`);
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

/** Help and version are asked for; help that is shown for lack of a command is not. */
function asked({ code }: CommanderError): boolean {
  return code === "commander.helpDisplayed" || code === "commander.version";
}

function messageOf(error: unknown): string {
  if (error instanceof CatalogError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === "" ? text : text.replaceAll(secret, "(token)");
}
