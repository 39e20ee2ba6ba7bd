import type { Contract } from "../../domain/contract.js";
import type { Diagnosis, Facts } from "./diagnosis.js";

/** So many are named in one sentence. */
const NAMED = 5;

/** What the ledger knows that an admin should look at. */
export function ledgerChecks({ ledger, parameters }: Facts): readonly Diagnosis[] {
  const { overdue, undecided, underOtherID } = ledger;
  const id = parameters?.clusterID ?? "";
  return [
    ...(overdue.length === 0 ? [] : [overdueFinding(overdue)]),
    ...(undecided.length === 0 ? [] : [undecidedFinding(undecided)]),
    ...(underOtherID.length === 0 ? [] : [otherIDFinding(underOtherID, id)]),
  ];
}

function overdueFinding(overdue: readonly Contract[]): Diagnosis {
  return {
    check: "contracts.overdue",
    ok: false,
    severity: "WARNING",
    message: `The stock of ${named(overdue.map(({ contractID }) => contractID))} was freed by hand, and its resources may still be in use: more may be sold than there is.`,
    whatToDo:
      "See peerings for what is stuck, and remove it. The warning ends by itself once the resources are known to be back.",
  };
}

function undecidedFinding(undecided: readonly string[]): Diagnosis {
  return {
    check: "allowances.undecided",
    ok: false,
    severity: "WARNING",
    message: `Peered here before and still without any bound: ${named(undecided)}.`,
    whatToDo:
      "Decide with setAllowance for each: unlimited, some resources, or nothing. With Liqo 1.x those that keep something are named to the policies too: npm run policies -- --exempt ID.",
  };
}

function otherIDFinding(contracts: readonly Contract[], id: string): Diagnosis {
  const [first] = contracts;
  const before = first === undefined ? "" : first[first.role === "SELLER" ? "seller" : "buyer"].clusterID;
  return {
    check: "liqo.clusterID",
    ok: false,
    severity: "ERROR",
    message: `Liqo's cluster id is ${id} now and was ${before} when ${named(contracts.map(({ contractID }) => contractID))} was made: peers know this cluster under the former one, so what was agreed under it cannot be connected.`,
    whatToDo: `Install Liqo with its former id (discovery.config.clusterID=${before}), or end those contracts and make them anew.`,
  };
}

function named(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
