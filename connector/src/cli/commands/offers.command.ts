import type { Command } from "commander";
import type { AdminApi } from "../api/admin-api.js";
import { MY_OFFERS, SAVE_OFFER, SET_OFFER_STATUS, WITHDRAW_OFFER } from "../api/documents.js";
import { allPages } from "../api/pages.js";
import type { MyOfferView } from "../api/views.js";
import type { CliContext, Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { several } from "../numbers.js";
import { type OfferChange, offerChange } from "../offer-differences.js";
import { type FiledOffer, readOffers } from "../offer-files.js";
import { printable } from "../terminal.js";

const FILE = "YAML or JSON file, folder of such files, or - for standard input; may be repeated";
const EXAMPLES = `
A document is one offer (the fields of saveOffer; offerID is required), a list of offers, or a map with the list offers.

Examples:
  catalog offers apply -f offers.yaml
  catalog offers diff -f offers/ || echo "something would change"
  catalog offers list -o yaml > backup.yaml`;

interface FileOptions {
  readonly filename: readonly string[];
  readonly dryRun?: boolean;
}

/** What this cluster sells. */
export const addOffers: Family = (program, context) => {
  const offers = program.command("offers").description("List, apply, compare and withdraw what this cluster sells.");
  addList(offers, context);
  addApply(offers, context);
  addSwitches(offers, context);
};

function addList(offers: Command, context: CliContext): void {
  offers
    .command("list")
    .description("List the own offers with their stock.")
    .action(async () => {
      context.output().list(await myOffers(await context.api()), [
        ["offer", (one) => one.offerID],
        ["name", (one) => one.offerName],
        ["on sale", (one) => (one.status ? "yes" : "paused")],
        ["plans", (one) => one.plans.map((plan) => `${plan.planID} ${plan.available}/${plan.planQuantity}`).join(", ")],
        ["declared", (one) => (one.declared ? "yes" : "no")],
      ]);
    });
}

function addApply(offers: Command, context: CliContext): void {
  offers
    .command("apply")
    .description("Create or change offers as files say; others are not touched.")
    .requiredOption("-f, --filename <path>", FILE, several)
    .option("--dry-run", "say what would change, and change nothing")
    .addHelpText("after", EXAMPLES)
    .action(async (options: FileOptions) => {
      const wanted = await readOffers(options.filename, context.terminal);
      const api = await context.api();
      const changes = await changesOf(api, wanted);
      if (options.dryRun !== true) await save(api, wanted, changes);
      showChanges(context, changes);
    });

  offers
    .command("diff")
    .description("Say what apply would change; exit code 3 if anything.")
    .requiredOption("-f, --filename <path>", FILE, several)
    .action(async ({ filename }: FileOptions) => {
      const changes = await changesOf(await context.api(), await readOffers(filename, context.terminal));
      showChanges(context, changes);
      if (changes.some(({ change }) => change !== "none")) context.exitCode = EXIT.no;
    });
}

function addSwitches(offers: Command, context: CliContext): void {
  offers
    .command("delete")
    .alias("withdraw")
    .description("Withdraw offers. Running contracts keep their terms.")
    .argument("<offerID...>", "ids of offers")
    .action(async (ids: readonly string[]) => {
      const api = await context.api();
      for (const id of ids) {
        await api.request(WITHDRAW_OFFER, { id });
        context.output().progress(`${id} withdrawn`);
      }
    });

  for (const [name, status, does] of [
    ["pause", false, "Stop selling an offer; it stays listed."],
    ["resume", true, "Put an offer on sale again."],
  ] as const)
    offers
      .command(name)
      .description(does)
      .argument("<offerID>", "id of the offer")
      .action(async (id: string) => {
        const { setOfferStatus } = await (await context.api()).request(SET_OFFER_STATUS, { id, status });
        context.output().progress(`${setOfferStatus.offerID} ${setOfferStatus.status ? "on sale" : "paused"}`);
      });
}

function myOffers(api: AdminApi): Promise<readonly MyOfferView[]> {
  return allPages(
    async (page) => (await api.request(MY_OFFERS, page)).myOffers,
    ({ offerID }) => offerID,
  );
}

async function changesOf(api: AdminApi, wanted: readonly FiledOffer[]): Promise<readonly OfferChange[]> {
  const present = new Map((await myOffers(api)).map((one) => [one.offerID, one]));
  return wanted.map((offer) => offerChange(offer, present.get(offer.offerID)));
}

async function save(api: AdminApi, wanted: readonly FiledOffer[], changes: readonly OfferChange[]): Promise<void> {
  for (const [i, offer] of wanted.entries())
    if (changes[i]?.change !== "none") await api.request(SAVE_OFFER, { offer });
}

function showChanges(context: CliContext, changes: readonly OfferChange[]): void {
  const output = context.output();
  if (output.format !== "table") return output.list(changes, []);
  for (const { offerID, change, differences } of changes) {
    output.say(`${offerID}: ${change === "none" ? "as it is" : change}`);
    for (const { path, from, to } of differences) output.say(`  ${path}: ${shown(from)} -> ${shown(to)}`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : printable(JSON.stringify(value));
}
