import { CONTRACT_STATES } from "@catalog/schema/contract";
import { type Command, Option } from "commander";
import { APPROVE, CONNECTOR, CONTRACT_BY_ID, CONTRACTS, REHEARSE_END, REJECT, TERMINATE } from "../api/documents.js";
import { allPages } from "../api/pages.js";
import type { SignedContractView } from "../api/views.js";
import type { CliContext, Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { pinnedDescriptors } from "../pinned-descriptors.js";
import { moment } from "../output.js";
import { CONTRACT_COLUMNS, CONTRACT_FIELDS } from "./contract-columns.js";

const ID = "id of the contract";

interface ListOptions {
  readonly role?: "bought" | "sold";
  readonly state?: string;
  readonly with?: string;
}

/** What was bought and sold. */
export const addContracts: Family = (program, context) => {
  const contracts = program.command("contracts").description("See and decide on contracts bought and sold.");
  addList(contracts, context);
  addShow(contracts, context);
  addDecisions(contracts, context);
  addTerminate(contracts, context);
};

function addList(contracts: Command, context: CliContext): void {
  contracts
    .command("list")
    .description("List contracts, newest first.")
    .addOption(new Option("--role <side>", "only this side").choices(["bought", "sold"]))
    .addOption(new Option("--state <state>", "only those in this state").choices(CONTRACT_STATES))
    .option("--with <fingerprint>", "only those with this other cluster")
    .action(async ({ role, state, with: peer }: ListOptions) => {
      const filter = {
        role: role === undefined ? null : role === "bought" ? "BUYER" : "SELLER",
        state: state ?? null,
        peer: peer ?? null,
      };
      const api = await context.api();
      const found = await allPages(
        async (page) => (await api.request(CONTRACTS, { ...page, ...filter })).contracts,
        ({ contractID }) => contractID,
      );
      context.output().list(found, CONTRACT_COLUMNS);
    });
}

function addShow(contracts: Command, context: CliContext): void {
  contracts
    .command("show")
    .description("Show one contract with its history.")
    .argument("<contractID>", ID)
    .option("--documents", "everything that catalog verify needs to check it offline, as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  catalog contracts show $ID --documents > contract.json && catalog verify contract.json",
    )
    .action(async (id: string, { documents }: { documents?: boolean }) => {
      const api = await context.api();
      const { contract } = await api.request(CONTRACT_BY_ID, { id });
      const output = context.output();
      if (documents === true) return output.raw(await bundleOf(contract, context));
      output.one(contract, CONTRACT_FIELDS);
      for (const { at, state, actor, message } of contract.timeline)
        output.say(`  ${moment(at) ?? ""}  ${state}  ${actor}${message === null ? "" : `  ${message}`}`);
    });
}

async function bundleOf(signed: SignedContractView, context: CliContext): Promise<string> {
  const api = await context.api();
  const parties = [signed.buyer.fingerprint, signed.seller.fingerprint];
  const { connector } = await api.request(CONNECTOR, {});
  const others = await pinnedDescriptors(api, parties);
  const own = connector.descriptor === null ? [] : [connector.descriptor];
  const { contractID, contract, terms, receipt, activation, notice } = signed;
  const bundle = { contractID, contract, terms, receipt, activation, notice, descriptors: [...own, ...others] };
  return JSON.stringify(bundle, undefined, 2);
}

function addDecisions(contracts: Command, context: CliContext): void {
  contracts
    .command("approve")
    .description("Grant a request that waits for you.")
    .argument("<contractID>", ID)
    .action(async (id: string) => {
      const { approveContract } = await (await context.api()).request(APPROVE, { id });
      context.output().one(approveContract, CONTRACT_FIELDS);
    });

  contracts
    .command("reject")
    .description("Refuse a request that waits for you.")
    .argument("<contractID>", ID)
    .option("--reason <text>", "what to tell the customer")
    .action(async (id: string, { reason }: { reason?: string }) => {
      const { rejectContract } = await (await context.api()).request(REJECT, { id, reason: reason ?? null });
      context.output().one(rejectContract, CONTRACT_FIELDS);
    });
}

interface TerminateOptions {
  readonly reason?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

function addTerminate(contracts: Command, context: CliContext): void {
  contracts
    .command("terminate")
    .description("End a contract, whichever side you are.")
    .argument("<contractID>", ID)
    .option("--reason <text>", "what to tell the other side")
    .option("--force", "as the provider: although the notice period is not kept; both see it as a breach")
    .option(
      "--dry-run",
      "say what would be lost or left, and end nothing; exit code 3 if there is something to do before",
    )
    .action(async (id: string, { reason, force, dryRun }: TerminateOptions) => {
      const api = await context.api();
      const output = context.output();
      if (dryRun === true) {
        const { rehearseEnd } = await api.request(REHEARSE_END, { id });
        output.one(rehearseEnd, [
          ["outcome", (one) => one.message],
          ["before that", (one) => one.whatToDo],
        ]);
        if (rehearseEnd.whatToDo !== null) context.exitCode = EXIT.no;
        return;
      }
      const { terminateContract } = await api.request(TERMINATE, { id, reason: reason ?? null, force: force === true });
      output.one(terminateContract, CONTRACT_FIELDS);
    });
}
