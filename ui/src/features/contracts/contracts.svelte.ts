import type { AppContext } from "../../lib/app-context.ts";
import { LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { choice, QueryParams, text } from "../../lib/routing/query-params.ts";
import { CONTRACT_ROWS_CHANGED, CONTRACTS, type ContractRow } from "./documents.ts";

const PAGE = 200;
const OPEN = new Set(["REQUESTED", "PENDING_APPROVAL", "RESERVED", "CONFIRMING", "CONFIRMED"]);

/** Which states a filter of the list stands for. */
const STATES = {
  all: () => true,
  open: ({ state }: ContractRow) => OPEN.has(state),
  active: ({ state }: ContractRow) => state === "ACTIVE",
  ended: ({ state }: ContractRow) => !OPEN.has(state) && state !== "ACTIVE",
} as const;

/** Every contract of this cluster, live, and those that the filters of the page let through. */
export class Contracts {
  readonly list: LiveList<ContractRow>;
  readonly filters = new QueryParams({
    q: text(),
    role: choice("all", "BUYER", "SELLER"),
    state: choice("all", "open", "active", "ended"),
    peer: text(),
  });
  shown = $derived.by(() => this.list.items.filter((contract) => this.#fits(contract)));
  /** Everybody with whom there are contracts, by name. */
  peers = $derived.by(() => {
    const known = new Map(this.list.items.map((contract) => [peerOf(contract).fingerprint, peerOf(contract)]));
    return [...known.values()].sort((a, b) => a.prettyName.localeCompare(b.prettyName));
  });
  /** Requests that wait for a decision here. */
  waiting = $derived.by(() => this.list.items.filter(({ allowedActions }) => allowedActions.includes("APPROVE")));

  constructor({ api, connection }: AppContext) {
    this.list = new LiveList(
      {
        load: () =>
          readPages(
            async (after) => (await api.query(CONTRACTS, { first: PAGE, after })).contracts,
            ({ contractID }) => contractID,
            PAGE,
          ),
        watch: (changed, failed) =>
          api.subscribe(CONTRACT_ROWS_CHANGED, {}, { next: ({ contracts }) => changed(contracts), failed }),
        keyOf: ({ contractID }) => contractID,
      },
      connection,
    );
  }

  #fits(contract: ContractRow): boolean {
    const { q, role, state, peer } = this.filters.values;
    const other = peerOf(contract);
    if (role !== "all" && contract.role !== role) return false;
    if (peer !== "" && other.fingerprint !== peer) return false;
    if (!STATES[state](contract)) return false;
    const words = `${nameOf(contract)} ${other.prettyName} ${other.clusterID} ${contract.contractID}`.toLowerCase();
    return q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => words.includes(word));
  }
}

/** The other side of a contract. */
export function peerOf(contract: ContractRow): ContractRow["buyer"] {
  return contract.role === "BUYER" ? contract.seller : contract.buyer;
}

/** What a contract is called: offer and plan. */
export function nameOf({ offer, plan, offerID, planID }: ContractRow): string {
  return `${offer?.offerName ?? offerID} · ${plan?.planName ?? planID}`;
}
