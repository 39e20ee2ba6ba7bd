import { EXIT, type ExitCode } from "./exit-codes.js";

/** What ends the program with a sentence for its user. */
export class CliError extends Error {
  override readonly name: string = "CliError";

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
  ) {
    super(message);
  }
}

/** The command line asks for something that cannot be meant. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage);
}
