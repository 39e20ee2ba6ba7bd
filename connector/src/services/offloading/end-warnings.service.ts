import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { EndingOffload, OffloadingUnit } from "./offloading-store.js";

const DAY_SECONDS = 86_400;
/** How many days before the end it is said, the last first. */
const WARNING_DAYS = [1, 7] as const;
const LONGEST = Math.max(...WARNING_DAYS);

/** Says in the activity list that a contract ends on which namespaces run: seven days and one day before, each once. */
export class EndWarningsService {
  constructor(private readonly transact: Transact<OffloadingUnit>) {}

  /** Says what is due. A warning that is overdue because of a nearer one is not given any more. */
  sweep(): Promise<void> {
    return this.transact(async (unit) => {
      const now = seconds(unit.now);
      for (const ending of await unit.offloadings.ending(now, now + LONGEST * DAY_SECONDS))
        await warn(unit, ending, now);
    });
  }
}

async function warn(unit: OffloadingUnit, ending: EndingOffload, now: number): Promise<void> {
  const { contractID, validUntil, providerName, namespaces } = ending;
  const due = WARNING_DAYS.filter((days) => validUntil - now <= days * DAY_SECONDS);
  const fresh: boolean[] = [];
  for (const days of due) fresh.push(await unit.offloadings.warn(contractID, days));
  if (fresh[0] !== true) return;
  const [days = LONGEST] = due;
  const within = days === 1 ? "a day" : `${days} days`;
  const message = `Contract ${contractID} with ${providerName} ends within ${within}, on which pods of ${list(namespaces)} run; rehearseEnd says what would be lost`;
  await unit.activity.add({ actor: CONNECTOR_ACTOR, action: "offloading.ending", subject: contractID, message });
}

/** Most names that one message tells. */
const NAMED = 5;

function list(namespaces: readonly string[]): string {
  const more = namespaces.length - NAMED;
  const named = namespaces.slice(0, NAMED).join(", ");
  const noun = namespaces.length === 1 ? "namespace" : "namespaces";
  return more > 0 ? `${noun} ${named} and ${more} more` : `${noun} ${named}`;
}
