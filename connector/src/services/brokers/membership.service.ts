import { CatalogError } from "@catalog/schema/errors";
import { decidePin } from "@catalog/schema/replica-identity";
import type { BrokerUnit } from "./broker-ports.js";
import type { CatalogView, PinnedCluster } from "../catalog/catalog-view.js";
import { checkDescriptor } from "./feed-checker.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { KnownCluster, MembershipSource } from "../ports.js";
import type { ReplicaService } from "../catalog/replica.service.js";
import type { TrustList } from "../catalog/trust-list.js";

/** Who is in the Catalog, answered from the durable replica and the admin's own list. */
export class MembershipService implements MembershipSource {
  constructor(
    private readonly view: CatalogView,
    private readonly trust: TrustList,
    private readonly replica: ReplicaService,
    private readonly transact: Transact<BrokerUnit>,
  ) {}

  async isMember(fingerprint: string): Promise<boolean> {
    const known = this.view.requireLoaded().pinned(fingerprint);
    if (known === undefined || !known.pin.isHolder) return false;
    return this.trust.has(fingerprint) || this.view.isListed(fingerprint);
  }

  async byFingerprint(fingerprint: string): Promise<KnownCluster | undefined> {
    const known = this.view.requireLoaded().pinned(fingerprint);
    return known && this.toKnown(known);
  }

  async byClusterID(clusterID: string): Promise<readonly KnownCluster[]> {
    const known: KnownCluster[] = [];
    for (const one of this.view.requireLoaded().allPinned()) {
      if (one.pin.clusterID === clusterID && (await this.isMember(one.pin.fingerprint))) known.push(this.toKnown(one));
    }
    return known;
  }

  async refresh(fingerprint: string, jws: string): Promise<KnownCluster> {
    const { found } = await checkDescriptor(jws);
    if (found.fingerprint !== fingerprint) {
      throw new CatalogError(
        "PEER_NOT_TRUSTED",
        `The cluster ${found.fingerprint} answered where ${fingerprint} was expected.`,
      );
    }
    return this.replica.inLane(async () => {
      const verdict = await this.transact((unit) => keepPin(unit, found, this.view.pinned(fingerprint)));
      this.view.apply({ pins: [verdict] });
      const known = await this.byFingerprint(fingerprint);
      if (known === undefined) throw notPinned(fingerprint);
      return known;
    });
  }

  private toKnown({ pin, descriptor }: PinnedCluster): KnownCluster {
    const { fingerprint, clusterID, jws } = pin;
    return { fingerprint, clusterID, descriptor, jws, staleSince: this.view.cluster(fingerprint)?.staleSince ?? null };
  }
}

async function keepPin(
  unit: BrokerUnit,
  found: Awaited<ReturnType<typeof checkDescriptor>>["found"],
  known: PinnedCluster | undefined,
): Promise<PinnedCluster["pin"]> {
  const [before] = await unit.identities.pins([found.fingerprint]);
  if (before === undefined || known === undefined) throw notPinned(found.fingerprint);
  const holder = (await unit.identities.holders([found.clusterID])).get(found.clusterID);
  const now = Math.floor(unit.now.getTime() / 1000);
  const { verdict, pin } = decidePin(before, found, { holder, source: before.source, now });
  if (verdict === "NEW") await unit.identities.savePins([pin]);
  if (verdict === "EQUIVOCATION") {
    throw new CatalogError(
      "DOCUMENT_EQUIVOCATION",
      `The cluster ${found.fingerprint} has signed two descriptors with the number ${found.seq}; the first stays in use.`,
      {
        first: before.jws,
        second: found.jws,
      },
    );
  }
  if (verdict === "OUTDATED") {
    throw new CatalogError(
      "DOCUMENT_OUTDATED",
      `The cluster ${found.fingerprint} served an older descriptor (${found.seq}) than the one known here (${before.seq}).`,
      { higher: before.jws },
    );
  }
  return pin;
}

function notPinned(fingerprint: string): CatalogError {
  return new CatalogError(
    "PEER_NOT_TRUSTED",
    `The cluster ${fingerprint} is not known here: it has to be in the Catalog, or trusted by hand (trustCluster).`,
  );
}
