import { readFile } from "node:fs/promises";
import { BROKERS, INIT_CATALOG, REGISTER_BROKER, UNREGISTER_BROKER } from "../api/documents.js";
import type { BrokerView } from "../api/views.js";
import { CliError, usageError } from "../cli-error.js";
import type { Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import type { Column } from "../output.js";
import type { Terminal } from "../terminal.js";

const COLUMNS: readonly Column<BrokerView>[] = [
  ["name", (one) => one.brokerName],
  ["id", (one) => one.brokerID],
  ["endpoint", (one) => one.brokerEndpoint],
  ["membership", (one) => one.membership],
  ["connected", (one) => (one.connected ? "yes" : one.subscribed ? "no" : "off")],
  ["declared", (one) => (one.declared ? "yes" : "no")],
  ["problem", (one) => one.lastError],
];

/** How this cluster presents itself, and which Brokers it belongs to. */
export const addJoin: Family = (program, context) => {
  program
    .command("init")
    .summary("give the cluster its name and contract endpoint")
    .description("Give the cluster its name for people and its contract endpoint: needed before anything else.")
    .argument("<name>", "this cluster's name for people")
    .argument("<contractEndpoint>", "address at which other Connectors reach port 6003 of this one")
    .addHelpText("after", '\nExample:\n  catalog init "Turin" https://catalog.turin.example.org:6003')
    .action(async (prettyName: string, contractEndpoint: string) => {
      const { initCatalog } = await (await context.api()).request(INIT_CATALOG, { prettyName, contractEndpoint });
      context.output().one(initCatalog, [
        ["name", (one) => one.prettyName],
        ["contract endpoint", (one) => one.contractEndpoint],
        ["fingerprint", (one) => one.fingerprint],
      ]);
    });

  program
    .command("join")
    .summary("join a Broker")
    .description(
      "Join the Broker that a join string names. The string holds a secret: - or a file keeps it out of the list of processes.",
    )
    .argument("<joinString>", "catalog-join:…, or @FILE, or - for standard input")
    .option("--name <name>", "what to call it here; as it calls itself unless given")
    .addHelpText(
      "after",
      "\nExit code 4: its operator has to approve this cluster first; it is asked until then.\n\nExamples:\n  catalog join @join.txt\n  pbpaste | catalog join - --name 'Alpine Broker'",
    )
    .action(async (given: string, { name }: { name?: string }) => {
      const join = await joinString(given, context.terminal);
      const { registerBroker } = await (await context.api()).request(REGISTER_BROKER, { join, name: name ?? null });
      context.output().one(registerBroker, COLUMNS);
      if (registerBroker.membership === "PENDING") context.exitCode = EXIT.waiting;
    });

  program
    .command("brokers")
    .description("List the Brokers that this cluster has joined.")
    .action(async () => {
      const { brokers } = await (await context.api()).request(BROKERS, {});
      context.output().list(brokers, COLUMNS);
    });

  program
    .command("leave")
    .description("Leave a Broker. What only it lists disappears here; contracts are not touched.")
    .argument("<brokerID>", "its id; catalog brokers lists them")
    .action(async (id: string) => {
      const { unregisterBroker } = await (await context.api()).request(UNREGISTER_BROKER, { id });
      context.output().one(unregisterBroker, COLUMNS.slice(0, 3));
    });
};

async function joinString(given: string, terminal: Terminal): Promise<string> {
  if (given === "-") return (await terminal.readInput()).trim();
  if (!given.startsWith("@")) return given;
  const file = given.slice(1);
  if (file === "") throw usageError("@ must be followed by the name of a file.");
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      throw new CliError(`The file ${file} cannot be read: ${error.code ?? "unknown"}.`);
    },
  );
}
