import { Option } from "commander";
import { EventEmitter, once } from "node:events";
import type { AdminApi } from "../api/admin-api.js";
import { BUY, CHANGED_CONTRACTS, CONTRACT_BY_ID } from "../api/documents.js";
import type { ContractView } from "../api/views.js";
import type { CliContext, Family } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { count, momentFrom, seconds } from "../numbers.js";
import { printable } from "../terminal.js";
import { CONTRACT_FIELDS } from "./contract-columns.js";

const ENDED = ["REJECTED", "EXPIRED", "TERMINATED", "RENEWED"];
const FINGERPRINT = /^[\w-]{43}$/;
/** The list of changes tells at once; this finds out where it could not be had. */
const LOOK_EVERY_MS = 2_000;

interface BuyOptions {
  readonly units: number;
  readonly validUntil?: number;
  readonly requestId?: string;
  readonly termsRev?: number;
  readonly timeout: number;
  readonly wait: boolean;
}

/** Buying. */
export const addBuy: Family = (program, context) => {
  program
    .command("buy")
    .summary("buy units of a plan")
    .description("Buy units of a plan, and wait until the contract is in force or the provider has refused.")
    .argument("<cluster>", "the provider's cluster id or key fingerprint")
    .argument("<offerID>", "id of the offer")
    .argument("<planID>", "id of the plan")
    .option("-n, --units <count>", "how many units", count, 1)
    .option("--valid-until <moment>", "when it ends by itself: 2027-01-31, +30d or Unix seconds", momentFrom(Date.now))
    .option("--request-id <id>", "the same id always gives the same contract: makes a script safe to repeat")
    .option("--terms-rev <number>", "termsRev of the offer as you read it; other terms are refused", count)
    .addOption(
      new Option("--timeout <time>", "how long to wait, such as 30s or 24h").argParser(seconds).default(120, "2m"),
    )
    .option("--no-wait", "do not wait for the outcome")
    .addHelpText(
      "after",
      "\nExit codes: 0 in force, 3 refused or ended, 4 not decided yet (it goes on; see catalog contracts show).\n\nExamples:\n  catalog buy $TURIN general-purpose small -n 2\n  catalog buy $TURIN gpu a100 --valid-until +7d --request-id job-42 --timeout 24h",
    )
    .action(async (cluster: string, offerID: string, planID: string, options: BuyOptions) => {
      const input = {
        ...(FINGERPRINT.test(cluster) ? { fingerprint: cluster } : { clusterID: cluster }),
        offerID,
        planID,
        ...orderOf(options),
      };
      const api = await context.api();
      const { buy } = await api.request(BUY, { input });
      const contract = options.wait ? await outcome(context, api, buy, options.timeout * 1_000) : buy;
      context.output().one(contract, CONTRACT_FIELDS);
      context.exitCode = exitCodeOf(contract.state);
    });
};

function orderOf({ units, validUntil, requestId, termsRev }: BuyOptions): object {
  return { units, validUntil, requestID: requestId, termsRev };
}

function exitCodeOf(state: string): ExitCode {
  if (state === "ACTIVE") return EXIT.done;
  return ENDED.includes(state) ? EXIT.no : EXIT.waiting;
}

/** The contract once it is decided, or as it stands when time is up or somebody has had enough. */
async function outcome(
  context: CliContext,
  api: AdminApi,
  bought: ContractView,
  timeoutMs: number,
): Promise<ContractView> {
  const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), context.terminal.signal]);
  const progress = context.output();
  let contract = bought;
  const show = (): void => {
    const reason = contract.message === null ? "" : `: ${printable(contract.message)}`;
    progress.progress(`${contract.contractID} ${contract.state}${reason}`);
  };
  show();
  const bell = new EventEmitter();
  const leave = api.subscribe(CHANGED_CONTRACTS, {}, ({ contracts }) => {
    if (contracts.contractID === bought.contractID) bell.emit("changed");
  });
  while (exitCodeOf(contract.state) === EXIT.waiting && !stop.aborted) {
    await changed(bell, stop);
    const { contract: now } = await api.request(CONTRACT_BY_ID, { id: bought.contractID });
    const isNew = now.state !== contract.state || now.message !== contract.message;
    contract = now;
    if (isNew) show();
  }
  leave();
  return contract;
}

/** Resolves when the contract has changed, was not looked at for a while, or nobody waits any more. */
async function changed(bell: EventEmitter, stop: AbortSignal): Promise<void> {
  const soon = AbortSignal.any([stop, AbortSignal.timeout(LOOK_EVERY_MS)]);
  await once(bell, "changed", { signal: soon }).catch(() => undefined);
}
