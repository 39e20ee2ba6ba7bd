import type { CatalogOffer } from "@catalog/schema/catalog";
import type { ClusterParameters } from "@catalog/schema/catalog";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import type { Signer } from "@catalog/schema/documents/jws";
import type { IdentityKeys } from "@catalog/schema/documents/keys";
import type { Negotiation, ReserveInput } from "@catalog/schema/operations";
import type { Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../domain/contract.js";
import type { NodePool } from "../domain/node-pools.js";

/** The keys of this cluster, ready to sign. */
export interface Identity {
  readonly fingerprint: string;
  readonly signer: Signer;
  readonly keys: IdentityKeys;
}

/** What is woken after a commit, and by what: the id of the thing that changed. */
export interface ChangeTopics {
  /** contractID */
  contract: string;
  /** offerID of an own offer. */
  offer: string;
  /** Liqo cluster id whose grant may have changed. */
  grant: string;
  /** Id of a new activity entry. */
  activity: string;
  /** brokerID */
  broker: string;
  /** Anything in the merged Catalog. */
  catalog: string;
  /** Work has become due. */
  outbox: string;
  /** peeringID: something of it that is shown. */
  peering: string;
  /** peeringID: there may be something to do for it. */
  peeringTurn: string;
  /** Liqo id of a peer whose objects in this cluster have changed. */
  cluster: string;
  /** Id of a script token that was made or revoked. */
  access: string;
  /** Name of a namespace that is to be offloaded otherwise than before, or whose offloading in the cluster has changed. */
  offloading: string;
  /** `namespace/contractID` of an offloading that stands otherwise than before, or is gone. */
  offloadingStatus: string;
  /** The own descriptor was signed anew: its `seq`. */
  descriptor: string;
}
export type ChangeTopic = keyof ChangeTopics;

/**
 * Wakes listeners after a commit. It carries no data but an id: who is woken reads the database. A wake-up may be lost when the process
 * ends, so whoever needs every change also looks at start.
 */
export interface Changes {
  /** Calls every listener of the topic; a listener that throws does not disturb the others. */
  emit<T extends ChangeTopic>(topic: T, id: ChangeTopics[T]): void;
  /** Returns the function that ends the subscription. */
  on<T extends ChangeTopic>(topic: T, listener: (id: ChangeTopics[T]) => void): () => void;
  /** Yields ids as they come until the signal aborts; the same id waiting twice is yielded once. */
  stream<T extends ChangeTopic>(topic: T, signal: AbortSignal): AsyncGenerator<ChangeTopics[T]>;
}

/** Another cluster as this one knows it: from its pinned, verified descriptor. */
export interface KnownCluster {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly descriptor: Descriptor;
  readonly jws: string;
  /** Unix seconds since when every Broker calls it away; null while it is there. */
  readonly staleSince: number | null;
}

/** Who is in the Catalog, from the durable replica and the admin's own pins; works with every Broker down. */
export interface MembershipSource {
  /** Whether an enabled Broker lists this identity as a cluster, or the admin trusts it by hand, and no block of the admin stands against it. */
  isMember(fingerprint: string): Promise<boolean>;
  /** The pinned descriptor of an identity, member or not any more; undefined if it was never pinned. */
  byFingerprint(fingerprint: string): Promise<KnownCluster | undefined>;
  /** Every visible identity that claims this cluster id. */
  byClusterID(clusterID: string): Promise<readonly KnownCluster[]>;
  /**
   * Takes a descriptor that its owner just served. It must be of the pinned identity; the one with the higher `seq` stays.
   * @throws PEER_NOT_TRUSTED for another identity, DOCUMENT_INVALID for a forged one, DOCUMENT_EQUIVOCATION, DOCUMENT_OUTDATED.
   */
  refresh(fingerprint: string, jws: string): Promise<KnownCluster>;
}

/** The merged replica of the Catalog. */
export interface CatalogSource {
  /** The newest visible offer of a cluster; undefined if it is not in the Catalog (any more). */
  offer(fingerprint: string, offerID: string): Promise<CatalogOffer | undefined>;
}

/** Tells every enabled Broker what changed in the own offers. */
export interface Announcer {
  /** Wakes the publishing to each Broker; one that is away catches up when it is back. */
  announce(): Promise<void>;
}

/** Where another Connector is reached. */
export interface PeerAddress {
  readonly fingerprint: string;
  readonly contractEndpoint: string;
  /** SHA-256 of the public key of its TLS certificate, where its descriptor names one. */
  readonly tlsSpki: string | undefined;
}

/** Calls to other Connectors. Each throws a CatalogError with the peer's own code, or a transient one when there was no answer. */
export interface PeerClient {
  /** The descriptor that the peer serves; unverified. */
  descriptor(peer: PeerAddress): Promise<string>;
  reserve(peer: PeerAddress, input: ReserveInput): Promise<Negotiation>;
  confirm(
    peer: PeerAddress,
    call: { contractID: string; termsHash: string; protected: string; signature: string },
  ): Promise<Negotiation>;
  activate(peer: PeerAddress, call: { contractID: string; termsHash: string; receipt: string }): Promise<Negotiation>;
  terminate(peer: PeerAddress, call: { contractID: string; notice: string }): Promise<Negotiation>;
  /** The contracts that the caller bought there, with a version above `since`, in the order of version. */
  negotiations(peer: PeerAddress, since: number, first: number): Promise<readonly Negotiation[]>;
}

/** Hands a message to the provider's driver of a contract bought there; JSON text both ways. Throws as {@link PeerClient} does. */
export interface PeeringClient {
  exchangePeering(peer: PeerAddress, call: { contractID: string; message: string }): Promise<string>;
}

/** How well the cluster keeps peers within their contracts. */
export interface ClusterSafety {
  /** False while a contract that becomes active could be bypassed, and the admin wants none then. */
  readonly isSellingAllowed: boolean;
  /** For the admin only. */
  readonly risks: readonly { readonly message: string; readonly whatToDo: string }[];
}

/** What Liqo in this cluster is and does; one adapter for each mode. */
export interface ClusterDriver {
  readonly mode: string;
  /** Whether the resources of an ended contract are back at once, so that its stock is freed in the same transaction. */
  readonly releasesAtOnce: boolean;
  /** What peers need to reach Liqo here. The token is secret. */
  parameters(): Promise<ClusterParameters>;
  liqo(): { readonly mode: string; readonly version: string | null; readonly publicKey?: string };
  /** What lets peers take more than they bought, as last found. */
  safety(): ClusterSafety;
  /** Takes back what an ended contract was given; true once the resources are back. Repeated until then. */
  reclaim(contract: Contract): Promise<boolean>;
  /** Liqo cluster ids of peers that exist in this cluster; null where nobody can tell. */
  existingPeers(): Promise<readonly string[] | null>;
  /** The nodes that take new pods, by pool, and what is used of them; null where nobody can tell. @throws while the cluster cannot be read. */
  capacity(): Promise<readonly NodePool[] | null>;
}

/** How much of this cluster another one may use. */
export interface GrantSource {
  /** Canonical Kubernetes names; an explicit zero for every name ever granted, always cpu, memory and pods. @throws UNAVAILABLE while the ledger cannot be read. */
  grantOf(clusterID: string): Promise<Amounts>;
  /** Called after the commit of anything that may have changed the grant of that cluster. Returns the function that ends it. */
  onChange(listener: (clusterID: string) => void): () => void;
}
