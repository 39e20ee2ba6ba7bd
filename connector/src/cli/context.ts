import type { Command } from "commander";
import { connect, type ConnectionOptions } from "./api/connection.js";
import type { AdminApi } from "./api/admin-api.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { type Format, Output } from "./output.js";
import type { Terminal } from "./terminal.js";

/** What every command has: options that hold for all of them, and how it says how it ended. */
export class CliContext {
  /** How the program ends, unless something is thrown. */
  exitCode: ExitCode = EXIT.done;

  constructor(
    readonly terminal: Terminal,
    private readonly program: Command,
  ) {}

  /** The Connector that is meant. */
  api(): Promise<AdminApi> {
    return connect(this.program.opts<ConnectionOptions>(), this.terminal);
  }

  output(): Output {
    return new Output(this.terminal, this.program.opts<{ output: Format }>().output);
  }
}

/** A family of commands, added to the program. */
export type Family = (program: Command, context: CliContext) => void;
