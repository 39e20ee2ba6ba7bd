import { FieldResolver, Resolver, Root } from "type-graphql";
import { type Peerability, peerability } from "../../../domain/peerability.js";
import type { PeerableService } from "../../../services/catalog/peerable.service.js";
import { ClusterType } from "../types/catalog.type.js";
import { ContractType } from "../types/contract.type.js";
import { OfferType } from "../types/offer.type.js";
import { PeerableType } from "../types/peerable.type.js";

const DESCRIPTION = "Whether this cluster can peer with it; look before you buy.";

@Resolver(() => OfferType)
export class PeerableOfferResolver {
  constructor(private readonly peerables: PeerableService) {}

  @FieldResolver(() => PeerableType, { description: DESCRIPTION })
  peerable(@Root() offer: OfferType): Peerability {
    return this.peerables.withCluster(offer.fingerprint);
  }
}

@Resolver(() => ClusterType)
export class PeerableClusterResolver {
  constructor(private readonly peerables: PeerableService) {}

  @FieldResolver(() => PeerableType, { description: DESCRIPTION })
  peerable(@Root() cluster: ClusterType): Peerability {
    return this.peerables.with(cluster.liqo);
  }
}

@Resolver(() => ContractType)
export class PeerableContractResolver {
  @FieldResolver(() => PeerableType, {
    description: "Whether the two could peer with the Liqo that each had when the contract was made.",
  })
  peerable(@Root() { role, buyer, seller }: ContractType): Peerability {
    return role === "BUYER" ? peerability(buyer.liqo, seller.liqo) : peerability(seller.liqo, buyer.liqo);
  }
}
