import { CatalogError } from "@catalog/schema/errors";
import { compareText } from "@catalog/schema/offer-order";
import { InputInvalidError } from "@catalog/schema/problem";
import { decidePin, type FoundDescriptor, type IdentityPin } from "@catalog/schema/replica-identity";
import type { Equivocation } from "@catalog/schema/replica-message";
import { pageOf } from "../../domain/page.js";
import type { BrokerUnit, TrustedCluster } from "../brokers/broker-ports.js";
import type { CatalogView, PinnedCluster } from "./catalog-view.js";
import { checkDescriptor } from "../brokers/feed-checker.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { PeerClient } from "../ports.js";
import type { ReplicaService } from "./replica.service.js";
import type { TrustList } from "./trust-list.js";

/** Bound on the equivocations that one answer lists. */
const MAX_EQUIVOCATIONS = 200;

/** Another identity as the admin sees it. */
export interface ClusterStanding extends PinnedCluster {
  readonly trusted: TrustedCluster | null;
  readonly isListed: boolean;
  /** Ids of the Brokers that list it. */
  readonly listedBy: readonly string[];
}

/** Whom to trust, as the admin types it. */
export interface TrustInput {
  readonly fingerprint: string;
  /** Where to fetch the descriptor, for an identity that is not known here yet. */
  readonly contractEndpoint: string | null;
  readonly note: string | null;
}

/** Where trust is kept. */
export interface TrustParts {
  readonly transact: Transact<BrokerUnit>;
  readonly view: CatalogView;
  readonly list: TrustList;
  readonly replica: ReplicaService;
}

/** The admin's own word about other identities; it counts before that of any Broker. */
export class TrustService {
  constructor(
    private readonly parts: TrustParts,
    private readonly peers: Pick<PeerClient, "descriptor">,
    private readonly ownFingerprint: string,
  ) {}

  /** Identities that were ever pinned, by cluster id. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
  known(first: number, after: string | null): readonly ClusterStanding[] {
    const page = pageOf(first, after);
    const all = this.all().toSorted(
      (a, b) => compareText(a.pin.clusterID, b.pin.clusterID) || compareText(a.pin.fingerprint, b.pin.fingerprint),
    );
    const begin = page.after === null ? 0 : all.findIndex(({ pin }) => pin.fingerprint === page.after) + 1;
    return all.slice(begin, begin + page.first);
  }

  /** Every identity that was ever pinned. @throws UNAVAILABLE while the replica is not loaded */
  all(): readonly ClusterStanding[] {
    return [...this.parts.view.requireLoaded().allPinned()].map((one) => this.standing(one));
  }

  equivocations(): Promise<readonly Equivocation[]> {
    return this.parts.transact(({ identities }) => identities.equivocations(MAX_EQUIVOCATIONS));
  }

  /** Reads the list into memory. */
  async load(): Promise<void> {
    this.parts.list.load(await this.parts.transact(({ trust }) => trust.all()));
  }

  /**
   * Trusts an identity. If another one holds its cluster id, that one is hidden from now on.
   * @throws BAD_USER_INPUT, PEER_NOT_TRUSTED if another identity answers at the address, PEER_UNREACHABLE, ENDPOINT_REFUSED.
   */
  async trust(input: TrustInput, actor: string): Promise<ClusterStanding> {
    if (input.fingerprint === this.ownFingerprint) throw invalid("fingerprint", "is this cluster's own");
    const found = await this.find(input);
    return this.parts.replica.inLane(async () => {
      const { pins, trusted } = await this.parts.transact((unit) => this.write(unit, found, input.note, actor));
      this.parts.list.add(trusted);
      this.parts.view.apply({ pins });
      return this.get(input.fingerprint);
    });
  }

  /** Takes the word back. What a Broker lists stays listed. @throws CLUSTER_NOT_FOUND */
  async untrust(fingerprint: string, actor: string): Promise<ClusterStanding> {
    return this.parts.replica.inLane(async () => {
      await this.parts.transact(async (unit) => {
        if (!(await unit.trust.remove(fingerprint)))
          throw new CatalogError("CLUSTER_NOT_FOUND", `The cluster ${fingerprint} is not trusted by hand.`);
        await unit.activity.add({
          actor,
          action: "cluster.untrusted",
          subject: fingerprint,
          message: "No longer trusts this cluster by hand.",
        });
        unit.changed("catalog", fingerprint);
      });
      this.parts.list.remove(fingerprint);
      return this.get(fingerprint);
    });
  }

  private async find({ fingerprint, contractEndpoint }: TrustInput): Promise<FoundDescriptor> {
    const known = this.parts.view.pinned(fingerprint);
    if (contractEndpoint === null) {
      if (known === undefined)
        throw invalid(
          "contractEndpoint",
          "is needed for a cluster that no Broker lists: the descriptor is fetched there",
        );
      return known.pin;
    }
    const { found } = await checkDescriptor(
      await this.peers.descriptor({ fingerprint, contractEndpoint, tlsSpki: known?.descriptor.tlsSpki }),
    );
    if (found.fingerprint !== fingerprint) {
      throw new CatalogError(
        "PEER_NOT_TRUSTED",
        `At ${contractEndpoint} answers the cluster ${found.fingerprint}, not ${fingerprint}. Compare fingerprints with its admin over a channel that you trust.`,
      );
    }
    return found;
  }

  private async write(
    unit: BrokerUnit,
    found: FoundDescriptor,
    note: string | null,
    actor: string,
  ): Promise<{ pins: readonly IdentityPin[]; trusted: TrustedCluster }> {
    const now = Math.floor(unit.now.getTime() / 1000);
    const [before] = await unit.identities.pins([found.fingerprint]);
    const { pin } = decidePin(before, found, { holder: found.fingerprint, source: "ADMIN", now });
    const holder = (await unit.identities.holders([pin.clusterID])).get(pin.clusterID);
    await unit.identities.releaseClusterID(pin.clusterID);
    const pins = [{ ...pin, isHolder: true }];
    await unit.identities.savePins(pins);
    const trusted = { fingerprint: found.fingerprint, note, trustedAt: now };
    await unit.trust.save(trusted);
    await unit.activity.add({
      actor,
      action: "cluster.trusted",
      subject: found.fingerprint,
      message: `Trusts this cluster by hand as the holder of ${pin.clusterID}.`,
    });
    unit.changed("catalog", found.fingerprint);
    const displaced = holder !== undefined && holder !== found.fingerprint ? await unit.identities.pins([holder]) : [];
    return { pins: [...displaced, ...pins], trusted };
  }

  private get(fingerprint: string): ClusterStanding {
    const known = this.parts.view.pinned(fingerprint);
    if (known === undefined)
      throw new CatalogError("CLUSTER_NOT_FOUND", `No cluster with the fingerprint ${fingerprint} is known here.`);
    return this.standing(known);
  }

  private standing(one: PinnedCluster): ClusterStanding {
    const { fingerprint } = one.pin;
    const { list, view } = this.parts;
    return {
      ...one,
      trusted: list.get(fingerprint) ?? null,
      isListed: view.isListed(fingerprint),
      listedBy: view.listedBy(fingerprint),
    };
  }
}

function invalid(path: string, message: string): InputInvalidError {
  return new InputInvalidError([{ path, message }]);
}
