import { sha256Base64url } from "@catalog/schema/documents/base64url";
import type { Party } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import { requireNoProblems } from "@catalog/schema/problem";
import type { Negotiation, ReserveInput } from "@catalog/schema/operations";
import { canonicalJson } from "../../domain/canonical-json.js";
import type { Contract, PurchaseRequest } from "../../domain/contract.js";
import { applyEvent, negotiationOf, seconds, tombstoneView } from "../../domain/contract-change.js";
import type { NegotiationSettings } from "../../domain/negotiation-settings.js";
import { endProblems } from "../../domain/duration.js";
import { peerability } from "../../domain/peerability.js";
import { readReserveInput } from "../../domain/reserve-input.js";
import { type BuyerIdentity, type Refusal, refusalOf, requestedSale } from "../../domain/sale.js";
import type { ClusterService } from "../cluster/cluster.service.js";
import { type ContractLedger, peerActor } from "./contract-ledger.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import type { MembershipSource } from "../ports.js";
import { reserveUnits } from "./reservation.js";

/** Most contracts in one answer of `negotiations`. */
const MAX_PAGE = 100;

/** What other Connectors ask this one as a seller: reserve, and how their contracts stand. */
export class SaleService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly cluster: ClusterService,
    private readonly members: Pick<MembershipSource, "isMember" | "byFingerprint">,
    private readonly settings: NegotiationSettings,
  ) {}

  /**
   * Reserves units for the caller, lets its request wait for approval, or refuses it; repeated, it tells how the contract stands.
   * @throws BAD_USER_INPUT, SELF_PURCHASE, NOT_A_MEMBER, UNAVAILABLE while the cluster cannot keep buyers within what they buy, RATE_LIMITED, IDEMPOTENCY_MISMATCH, NOT_INITIALISED. Nothing is kept then.
   */
  async reserve(caller: BuyerIdentity, input: ReserveInput): Promise<Negotiation> {
    const request = readReserveInput(input);
    if (caller.fingerprint === this.cluster.identity.fingerprint)
      throw new CatalogError("SELF_PURCHASE", "A cluster cannot buy from itself.");
    if (request.renews !== null)
      throw new CatalogError("BAD_USER_INPUT", "renews: this provider sells no renewals; reserve without it.");
    const seller = await this.cluster.party();
    const hash = await sha256Base64url(canonicalJson(request));
    const isMember = await this.isMemberAs(caller.fingerprint, request.buyer.clusterID);
    return this.transact(async (unit) => {
      await unit.buyers.lock(caller.fingerprint);
      const incarnation = await unit.cluster.incarnation();
      const known = await unit.contracts.find(request.contractID);
      if (known !== undefined) return negotiationOf(await this.repeated(unit, known, caller, hash), incarnation);
      const tombstone = await unit.contracts.tombstone(caller.fingerprint, request.contractID);
      if (tombstone !== undefined)
        return tombstoneView(request.contractID, tombstone.version, incarnation, tombstone.notice);
      if (!isMember) throw notAMember(caller, request.buyer.clusterID);
      this.cluster.requireSafeSelling();
      requireNoProblems(request.validUntil === null ? [] : endProblems(request.validUntil, unit.now));
      await requireFewNew(unit, caller.fingerprint, this.settings);
      const contract = await this.judged(unit, request, hash, { buyer: caller, seller });
      return negotiationOf(
        await this.ledger.add(unit, { ...contract, incarnation }, peerActor(caller.fingerprint)),
        incarnation,
      );
    });
  }

  /** The caller's purchases here with a version above `since`, the oldest change first. */
  negotiations(
    caller: { readonly fingerprint: string },
    since: number | null,
    first: number,
  ): Promise<readonly Negotiation[]> {
    return this.transact(async (unit) => {
      const incarnation = await unit.cluster.incarnation();
      const contracts = await unit.contracts.soldTo(
        caller.fingerprint,
        since ?? -1,
        Math.min(Math.max(first, 1), MAX_PAGE),
      );
      return contracts.map((contract) => negotiationOf(contract, incarnation));
    });
  }

  /** What is sold is granted to the cluster id that the buyer names, so it has to be the one that it holds in the Catalog. */
  private async isMemberAs(fingerprint: string, clusterID: string): Promise<boolean> {
    const isMember = await this.members.isMember(fingerprint);
    return isMember && (await this.members.byFingerprint(fingerprint))?.clusterID === clusterID;
  }

  private async repeated(unit: LedgerUnit, known: Contract, caller: BuyerIdentity, hash: string): Promise<Contract> {
    const isSame = known.role === "SELLER" && known.counterparty === caller.fingerprint && known.requestHash === hash;
    if (isSame) return this.ledger.expire(unit, known);
    throw new CatalogError(
      "IDEMPOTENCY_MISMATCH",
      `Contract id ${known.contractID} was used before for another request. Ask under a new id.`,
    );
  }

  private async judged(
    unit: LedgerUnit,
    request: PurchaseRequest,
    hash: string,
    parties: { readonly buyer: BuyerIdentity; readonly seller: Party },
  ): Promise<Contract> {
    const buyer = parties.buyer.fingerprint;
    const offer = await unit.offers.get(request.offerID);
    const asked = requestedSale(request, hash, parties, offer, unit.now);
    const block = await unit.buyers.block(buyer, request.offerID, request.planID);
    const refusal =
      liqoRefusal(parties.seller, request.buyer) ??
      refusalOf(request, {
        offer,
        pending: await unit.contracts.pendingOf(buyer),
        blockedUntil: block?.blockedUntil ?? 0,
        at: unit.now,
        settings: this.settings,
      });
    if (refusal !== undefined) return refused(asked, refusal, unit.now);
    if (offer?.offer.approval === "MANUAL") {
      return applyEvent(asked, "DEFERRED", unit.now, { approveBy: seconds(unit.now) + this.settings.approval });
    }
    const reserved = await reserveUnits(unit, this.cluster.identity.signer, asked, parties.seller, this.settings);
    return "contract" in reserved ? reserved.contract : refused(asked, reserved.refusal, unit.now);
  }
}

function liqoRefusal(seller: Pick<Party, "liqo">, buyer: Pick<Party, "liqo">): Refusal | undefined {
  const { ok, reason } = peerability(buyer.liqo, seller.liqo);
  return ok ? undefined : { code: "LIQO_MISMATCH", message: reason ?? "" };
}

function refused(contract: Contract, refusal: Refusal, at: Date): Contract {
  return applyEvent(contract, "REFUSED", at, refusal);
}

function notAMember(caller: BuyerIdentity, clusterID: string): CatalogError {
  const message = `Cluster ${caller.fingerprint} is not in the Catalog as ${clusterID} as far as this provider knows. Join a Broker that the provider uses too; if you have just joined, the news may still be on its way.`;
  return new CatalogError("NOT_A_MEMBER", message, { fingerprint: caller.fingerprint });
}

/** @throws RATE_LIMITED when a counterparty brings new contract ids too fast. */
export async function requireFewNew(
  unit: LedgerUnit,
  counterparty: string,
  settings: NegotiationSettings,
): Promise<void> {
  const count = await unit.contracts.countNew(counterparty, seconds(unit.now) - 59);
  if (count < settings.newIDsPerMinute) return;
  throw new CatalogError(
    "RATE_LIMITED",
    `At most ${settings.newIDsPerMinute} new contracts a minute; try again in a minute.`,
    { retryAfter: 60 },
  );
}
