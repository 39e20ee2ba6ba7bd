import { Command, Option } from "commander";
import { addBackup } from "./commands/backup.command.js";
import { addBuy } from "./commands/buy.command.js";
import { addCompletion } from "./commands/completion.command.js";
import { addContracts } from "./commands/contracts.command.js";
import { addDoctor } from "./commands/doctor.command.js";
import { addJoin } from "./commands/join.command.js";
import { addOffers } from "./commands/offers.command.js";
import { addPeer } from "./commands/peer.command.js";
import { addSearch } from "./commands/search.command.js";
import { addVerify } from "./commands/verify.command.js";
import { CliContext, type Family } from "./context.js";
import { EXIT_CODES_HELP } from "./exit-codes.js";
import { FORMATS } from "./output.js";
import type { Terminal } from "./terminal.js";

const FAMILIES: readonly Family[] = [
  addJoin,
  addOffers,
  addSearch,
  addBuy,
  addContracts,
  addPeer,
  addVerify,
  addBackup,
  addDoctor,
  addCompletion,
];

const WIDTH = 110;

const HELP = `
Environment:
  CATALOG_URL          address of the Connector's admin API, such as http://localhost:6002
  CATALOG_TOKEN        its admin token, or one of createScriptToken
  CATALOG_TOKEN_FILE   file that holds it
  NODE_EXTRA_CA_CERTS  certificate to trust, for a Connector with TLS=self-signed
Inside a Connector's own container none of them is needed: ADMIN_PORT and DATA_DIR say the same.

${EXIT_CODES_HELP}`;

/** Every command, and what they share. */
export function createProgram(
  terminal: Terminal,
  version: string,
): { readonly program: Command; readonly context: CliContext } {
  const program = new Command("catalog");
  const context = new CliContext(terminal, program);
  program
    .description("Sell, find, buy and peer from the command line: a client of a Connector's admin API.")
    .version(version)
    .option("--url <address>", "admin API of the Connector; CATALOG_URL unless given")
    .option(
      "--token <token>",
      "token, which others may see in the list of processes; better CATALOG_TOKEN or --token-file",
    )
    .option("--token-file <file>", "file that holds the token; CATALOG_TOKEN_FILE unless given")
    .addOption(new Option("-o, --output <format>", "how results are printed").choices(FORMATS).default("table"))
    .addHelpText("after", HELP)
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError("(catalog help shows what there is; --help after a command shows its options)")
    .exitOverride();
  for (const add of FAMILIES) add(program, context);
  return { program, context };
}
