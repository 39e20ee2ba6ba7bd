import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import type { KnownCluster, MembershipSource, PeerAddress, PeerClient } from "../ports.js";

/** Finds where another cluster is reached, from what is pinned of it. */
export class PeerDirectory {
  constructor(
    private readonly members: MembershipSource,
    private readonly client: PeerClient,
  ) {}

  /** Where the other party of a contract is now; where it was when the contract was made if it is not pinned any more. */
  async addressOf(contract: Contract): Promise<PeerAddress> {
    const known = await this.members.byFingerprint(contract.counterparty);
    if (known !== undefined) return addressIn(known);
    const party = contract.role === "BUYER" ? contract.seller : contract.buyer;
    return { fingerprint: party.fingerprint, contractEndpoint: party.contractEndpoint, tlsSpki: undefined };
  }

  /** Where a cluster is that is known by fingerprint alone; undefined if it is not pinned. */
  async find(fingerprint: string): Promise<PeerAddress | undefined> {
    const known = await this.members.byFingerprint(fingerprint);
    return known && addressIn(known);
  }

  /**
   * Asks a cluster itself who it is, before something is bought from it: a Broker may have shown an old descriptor.
   * @throws PEER_NOT_TRUSTED if it is not pinned or another identity answers; what the call throws.
   */
  async freshest(fingerprint: string): Promise<KnownCluster> {
    const known = await this.members.byFingerprint(fingerprint);
    if (known === undefined)
      throw new CatalogError("PEER_NOT_TRUSTED", `Cluster ${fingerprint} is not known here (any more).`);
    return this.members.refresh(fingerprint, await this.client.descriptor(addressIn(known)));
  }
}

function addressIn(known: KnownCluster): PeerAddress {
  const { clusterContractEndpoint, tlsSpki } = known.descriptor;
  return { fingerprint: known.fingerprint, contractEndpoint: clusterContractEndpoint, tlsSpki };
}

/** A cluster as the selling side of a contract, from its descriptor. */
export function sellerParty({ descriptor }: KnownCluster): Contract["seller"] {
  return {
    fingerprint: descriptor.iss,
    clusterID: descriptor.clusterID,
    clusterName: descriptor.clusterName,
    prettyName: descriptor.clusterPrettyName,
    contractEndpoint: descriptor.clusterContractEndpoint,
    encKey: descriptor.keys.enc,
    liqo: descriptor.liqo,
  };
}
