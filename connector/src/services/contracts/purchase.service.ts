import { isEnded, type Party } from "@catalog/schema/contract";
import { sha256Base64url } from "@catalog/schema/documents/base64url";
import { digest } from "@catalog/schema/documents/jws";
import type { CatalogOffer } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import { type Problem, requireNoProblems } from "@catalog/schema/problem";
import { uuidv7 } from "@catalog/server/random";
import { type BuyInput, buyProblems } from "../../domain/buy-input.js";
import { canonicalJson } from "../../domain/canonical-json.js";
import type { Contract, PurchaseRequest } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import { endProblems } from "../../domain/duration.js";
import { peerability } from "../../domain/peerability.js";
import { requestedPurchase } from "../../domain/purchase.js";
import type { ClusterService } from "../cluster/cluster.service.js";
import type { ContractLedger } from "./contract-ledger.js";
import { requireContract } from "./contract.service.js";
import { sellerParty } from "./peer-directory.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import type { CatalogSource, Changes, KnownCluster, MembershipSource } from "../ports.js";

/** What this cluster knows of others. */
export interface Market {
  readonly members: MembershipSource;
  readonly catalog: CatalogSource;
  readonly changes: Changes;
}

/** What this cluster buys. */
export class PurchaseService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly cluster: ClusterService,
    private readonly market: Market,
    private readonly waitMs: number,
  ) {}

  /**
   * Buys units of a plan. The intent is kept first and pursued until the seller has decided, whatever happens meanwhile; the answer comes as
   * soon as the contract is ACTIVE, waits for the provider's approval or is refused, and after 5 s at the latest, as it stands then.
   * The same requestID gives the same contract.
   * @throws BAD_USER_INPUT, NOT_INITIALISED, CLUSTER_NOT_FOUND, CLUSTER_ID_AMBIGUOUS, SELF_PURCHASE, OFFER_NOT_FOUND, PLAN_NOT_FOUND,
   * OFFER_CHANGED, DURATION_TOO_SHORT, LIQO_MISMATCH, IDEMPOTENCY_MISMATCH.
   */
  async buy(input: BuyInput, actor: string): Promise<Contract> {
    requireNoProblems(buyProblems(input));
    const inputHash = await sha256Base64url(canonicalJson(wanted(input)));
    const known = await this.transact((unit) => findRepeated(unit, input.requestID ?? null, inputHash));
    const { contractID } = known ?? (await this.intend(input, inputHash, actor));
    return this.outcome(contractID);
  }

  private async intend(input: BuyInput, inputHash: string, actor: string): Promise<Contract> {
    const buyer = await this.cluster.party();
    requireAnother(input, buyer);
    const seller = await this.seller(input);
    requirePeerable(buyer, seller);
    const offer = await this.offered(seller, input);
    const listed = { offer, digest: await digest(offer.jws) };
    const parties = { buyer, seller: sellerParty(seller), sellerKey: seller.descriptor.keys.sig };
    const { fingerprint: _, ...buyerParty } = buyer;
    return this.transact(async (unit) => {
      const known = await findRepeated(unit, input.requestID ?? null, inputHash);
      if (known !== undefined) return known;
      requireDuration(input, offer, unit.now);
      const request: PurchaseRequest = {
        contractID: uuidv7({ now: () => unit.now }),
        offerID: input.offerID,
        planID: input.planID,
        units: input.units ?? 1,
        termsRev: offer.termsRev,
        validUntil: input.validUntil ?? null,
        renews: null,
        buyer: buyerParty,
      };
      const contract = requestedPurchase(request, inputHash, input.requestID ?? null, parties, listed, unit.now);
      return this.ledger.add(unit, contract, actor);
    });
  }

  private async seller(input: BuyInput): Promise<KnownCluster> {
    const { members } = this.market;
    const found = input.fingerprint
      ? await members.byFingerprint(input.fingerprint).then((one) => (one ? [one] : []))
      : await members.byClusterID(input.clusterID ?? "");
    const [seller, other] = found.filter((one) => !input.clusterID || one.clusterID === input.clusterID);
    if (seller === undefined) throw await this.notFound(input);
    if (other !== undefined) {
      const message = `Several clusters claim the id ${seller.clusterID}. Say which one by its key fingerprint.`;
      throw new CatalogError("CLUSTER_ID_AMBIGUOUS", message, { fingerprints: found.map((one) => one.fingerprint) });
    }
    return seller;
  }

  /** Says which of the two names is the wrong one, where both were given. */
  private async notFound({ clusterID, fingerprint }: BuyInput): Promise<CatalogError> {
    const details = { clusterID: clusterID ?? null, fingerprint: fingerprint ?? null };
    const holders = fingerprint && clusterID ? await this.market.members.byClusterID(clusterID) : [];
    const message =
      holders.length > 0
        ? `Cluster ${clusterID} is in the Catalog, but not with the key fingerprint ${fingerprint}: its own is ${holders.map((one) => one.fingerprint).join(" or ")}.`
        : `Cluster ${clusterID ?? fingerprint ?? ""} is not in the Catalog.`;
    return new CatalogError("CLUSTER_NOT_FOUND", message, details);
  }

  private async offered(seller: KnownCluster, input: BuyInput): Promise<CatalogOffer> {
    const offer = await this.market.catalog.offer(seller.fingerprint, input.offerID);
    if (offer === undefined) {
      throw new CatalogError(
        "OFFER_NOT_FOUND",
        `Cluster ${seller.clusterID} offers no ${input.offerID} in the Catalog.`,
        { offerID: input.offerID },
      );
    }
    requireTermsAsRead(input, offer);
    if (offer.plans.some((plan) => plan.planID === input.planID)) return offer;
    throw new CatalogError("PLAN_NOT_FOUND", `Offer ${input.offerID} has no plan ${input.planID}.`, {
      planID: input.planID,
    });
  }

  /** Waits until the contract is decided, for a bounded time; woken by every change of it. */
  private async outcome(contractID: string): Promise<Contract> {
    const stop = new AbortController();
    const changed = this.market.changes.stream(
      "contract",
      AbortSignal.any([stop.signal, AbortSignal.timeout(this.waitMs)]),
    );
    try {
      let next = changed.next(); // listens before the first look
      for (;;) {
        const contract = await this.transact((unit) => requireContract(unit, contractID));
        if (isDecided(contract)) return contract;
        let woken = await next;
        while (woken.done !== true && woken.value !== contractID) woken = await changed.next();
        if (woken.done === true) return contract;
        next = changed.next();
      }
    } finally {
      stop.abort();
    }
  }
}

/** The own cluster is not among those that a Broker shows, so it would only be reported as unknown. */
function requireAnother({ fingerprint, clusterID }: BuyInput, own: Party): void {
  const isOwn = fingerprint ? fingerprint === own.fingerprint : clusterID === own.clusterID;
  if (isOwn) throw new CatalogError("SELF_PURCHASE", "A cluster cannot buy from itself.");
}

function isDecided(contract: Contract): boolean {
  return contract.state === "ACTIVE" || contract.state === "PENDING_APPROVAL" || isEnded(contract.state);
}

/** What was asked for, without the key under which it was. */
function wanted(input: BuyInput): unknown {
  const { clusterID = null, fingerprint = null, offerID, planID, units, validUntil = null } = input;
  return { clusterID, fingerprint, offerID, planID, units: units ?? 1, validUntil };
}

async function findRepeated(
  unit: LedgerUnit,
  requestID: string | null,
  inputHash: string,
): Promise<Contract | undefined> {
  if (requestID === null) return undefined;
  const known = await unit.contracts.byRequestID(requestID);
  if (known === undefined || known.requestHash === inputHash) return known;
  throw new CatalogError("IDEMPOTENCY_MISMATCH", `requestID ${requestID} was used before for another purchase.`, {
    requestID,
  });
}

/** Before anything is promised: what cannot peer need not be bought. */
function requirePeerable(buyer: Party, { clusterID, descriptor }: KnownCluster): void {
  const { ok, reason } = peerability(buyer.liqo, descriptor.liqo);
  if (!ok) throw new CatalogError("LIQO_MISMATCH", reason ?? "", { clusterID });
}

/** What the admin has read is what is asked for. */
function requireTermsAsRead({ termsRev, offerID }: BuyInput, offer: CatalogOffer): void {
  if (!termsRev || termsRev === offer.termsRev) return;
  const message = `The terms of ${offerID} have changed since they were read. Look at the offer as it is now.`;
  throw new CatalogError("OFFER_CHANGED", message, { offerID, termsRev: offer.termsRev });
}

function requireDuration(input: BuyInput, offer: CatalogOffer, at: Date): void {
  const validUntil = input.validUntil ?? null;
  if (validUntil === null) return;
  requireNoProblems(endProblems(validUntil, at));
  const shortest = Math.max(1, offer.minDuration ?? 0);
  if (validUntil - seconds(at) >= shortest) return;
  const problem: Problem = { path: "validUntil", message: `must be at least ${shortest} s from now.` };
  throw new CatalogError("DURATION_TOO_SHORT", `validUntil ${problem.message}`, { problems: [problem] });
}
