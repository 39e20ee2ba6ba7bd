import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { Negotiation } from "@catalog/schema/operations";
import { seconds } from "../../domain/contract-change.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import type { NegotiationService } from "./negotiation.service.js";
import type { PeerDirectory } from "./peer-directory.js";
import type { PeerClient } from "../ports.js";
import { repeat } from "../repeat.js";

const PAGE = 100;
/** Rounds differ by ± this part, so that Connectors started together do not ask together. */
const SPREAD = 0.2;
/** How long after the agreed end of a purchase its seller is asked, in ms: it needs a moment to notice. */
const AFTER_END_MS = 1_500;

/** Where contracts are asked about. */
export interface ReconciliationPeers {
  readonly directory: PeerDirectory;
  readonly client: PeerClient;
}

/**
 * Asks every seller with whom contracts are alive how they stand, at start and then every half minute: what was missed while one side was away
 * is made up for. What a seller does not list is left as it is.
 */
export class ReconciliationService implements Task {
  readonly name = "reconciliation";

  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly negotiation: NegotiationService,
    private readonly peers: ReconciliationPeers,
    private readonly everyMs: number,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await repeat(signal, async () => {
      await this.reconcile(signal);
      await delay(await this.waitMs(), signal);
    });
  }

  /** Until the next round: about `everyMs`, or until shortly after the agreed end of a purchase, which its seller decides. */
  async waitMs(): Promise<number> {
    const roundMs = this.everyMs * (1 - SPREAD + Math.random() * 2 * SPREAD);
    const endMs = await this.transact(async ({ contracts, now }) => {
      const end = await contracts.nextEndOfPurchase(seconds(now));
      return end === null ? Infinity : end * 1000 - now.getTime() + AFTER_END_MS;
    });
    return Math.min(roundMs, endMs);
  }

  /** One round over all sellers at the same time; one that does not answer disturbs nobody. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const sellers = await this.transact((unit) => unit.contracts.liveSellers());
    await Promise.all(
      sellers.map(({ fingerprint, lowestVersion }) =>
        this.ask(fingerprint, lowestVersion - 1, signal).catch((error: unknown) =>
          this.log.info(
            { err: error, seller: fingerprint },
            "a seller could not be asked; it is asked again in the next round",
          ),
        ),
      ),
    );
  }

  private async ask(seller: string, from: number, signal: AbortSignal): Promise<void> {
    const peer = await this.peers.directory.find(seller);
    if (peer === undefined) return;
    let since = from;
    for (;;) {
      const page = await this.peers.client.negotiations(peer, since, PAGE);
      for (const reply of page) await this.absorb(seller, reply);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE || last.version <= since || signal.aborted) return;
      since = last.version;
    }
  }

  /** Takes in what a seller says of one contract; ids that were not bought from it are none of its business. */
  private async absorb(seller: string, reply: Negotiation): Promise<void> {
    const contract = await this.negotiation.find(reply.contractID);
    if (contract?.role !== "BUYER" || contract.counterparty !== seller) return;
    try {
      const after = await this.negotiation.absorb(reply.contractID, reply);
      if (after.state !== contract.state) await this.negotiation.resume(after);
    } catch (error) {
      this.log.warn(
        { err: error, contractID: reply.contractID, seller },
        "what a seller says of a contract is not what it must be",
      );
    }
  }
}
