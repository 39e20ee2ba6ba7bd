import type { Clock } from "@catalog/server/clock";
import type { GraphQLSchema } from "graphql";
import type { Brokers, Replica } from "./compose-catalog.js";
import type { Ledger } from "./compose-ledger.js";
import type { Offloadings } from "./compose-offloadings.js";
import type { Peerings } from "./compose-peerings.js";
import { buildAdminSchema } from "../graphql/admin/admin-schema.js";
import { guardSchema } from "../graphql/admin/guard-schema.js";
import { AccessResolver } from "../graphql/admin/resolvers/access.resolver.js";
import { BrokerResolver } from "../graphql/admin/resolvers/broker.resolver.js";
import { CapacityResolver, type KubernetesVersion } from "../graphql/admin/resolvers/capacity.resolver.js";
import { CatalogResolver } from "../graphql/admin/resolvers/catalog.resolver.js";
import { ConnectorResolver, OperationsResolver } from "../graphql/admin/resolvers/connector.resolver.js";
import { ContractResolver } from "../graphql/admin/resolvers/contract.resolver.js";
import { OfferResolver } from "../graphql/admin/resolvers/offer.resolver.js";
import { OffloadingResolver, OffloadedContractResolver } from "../graphql/admin/resolvers/offloading.resolver.js";
import {
  PeerableClusterResolver,
  PeerableContractResolver,
  PeerableOfferResolver,
} from "../graphql/admin/resolvers/peerable.resolver.js";
import { OverviewResolver } from "../graphql/admin/resolvers/overview.resolver.js";
import { PeeringResolver } from "../graphql/admin/resolvers/peering.resolver.js";
import { TrustResolver } from "../graphql/admin/resolvers/trust.resolver.js";
import { AdminStreams } from "../graphql/admin/streams.js";
import { FiguresService } from "../services/overview/figures.service.js";
import type { OverviewReader } from "../services/overview/overview-ports.js";
import { OverviewService } from "../services/overview/overview.service.js";
import { ScriptTokenService } from "../services/access/script-token.service.js";
import type { AccessUnit } from "../services/access/access-ports.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import { PeerableService } from "../services/catalog/peerable.service.js";
import { ConnectorService } from "../services/cluster/connector.service.js";
import type { PluginFacts } from "../services/cluster/diagnosis.js";
import type { DeclarationService } from "../services/declarations/declaration.service.js";
import { DiagnosticsService } from "../services/cluster/diagnostics.service.js";
import type { Changes, ClusterDriver } from "../services/ports.js";
import { ProfileService, type EndpointProbe } from "../services/cluster/profile.service.js";

/** What the admin API shows and changes. */
export interface AdminParts {
  readonly access: Transact<AccessUnit>;
  readonly overview: OverviewReader;
  readonly ledger: Ledger;
  readonly replica: Replica;
  readonly brokers: Brokers;
  readonly peerings: Peerings;
  readonly offloadings: Offloadings;
  readonly declarations: DeclarationService;
  readonly driver: ClusterDriver;
  readonly kubernetesVersion: KubernetesVersion;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly probe: EndpointProbe;
  readonly isDatabaseThere: () => boolean;
  readonly plugin: () => PluginFacts;
}

/** Wires the admin API. */
export async function composeAdmin(parts: AdminParts): Promise<{ schema: GraphQLSchema; streams: AdminStreams }> {
  const { ledger, replica, clock, driver } = parts;
  const { brokers, gateway, trust } = parts.brokers;
  const { isDatabaseThere, plugin, declarations } = parts;
  const { cluster, offers, findings, capacity } = ledger;
  const sources = { isDatabaseThere, plugin, brokers, cluster, offers, ledger: findings, capacity, declarations };
  const connector = new ConnectorService(ledger.cluster, new ProfileService(ledger.cluster, parts.probe), driver);
  const diagnostics = new DiagnosticsService(sources, driver, gateway, clock);
  const { service: peerings, manifests } = parts.peerings;
  const overview = new OverviewService(
    { reader: parts.overview, brokers, peerings, trust, findings, diagnostics, connector, catalog: replica.view },
    clock,
  );
  const scriptTokens = new ScriptTokenService(parts.access);
  const { purchases, approvals, terminations } = ledger;
  const { forced } = parts.peerings;
  const peerables = new PeerableService(driver, replica.view);
  const schema = await buildAdminSchema({
    access: new AccessResolver(scriptTokens),
    brokers: new BrokerResolver(brokers, clock),
    capacity: new CapacityResolver(ledger.capacity, parts.kubernetesVersion),
    catalog: new CatalogResolver(replica.catalog),
    connector: new ConnectorResolver(connector, diagnostics),
    contracts: new ContractResolver(ledger.contracts, { purchases, approvals, terminations, forced }, clock),
    offers: new OfferResolver(ledger.offers),
    offloadedContracts: new OffloadedContractResolver(parts.offloadings.service),
    offloadings: new OffloadingResolver(parts.offloadings.service, parts.offloadings.rehearsals),
    operations: new OperationsResolver(ledger.allowances, ledger.activity),
    overview: new OverviewResolver(overview, new FiguresService(parts.overview, clock)),
    peerableClusters: new PeerableClusterResolver(peerables),
    peerableContracts: new PeerableContractResolver(),
    peerableOffers: new PeerableOfferResolver(peerables),
    peerings: new PeeringResolver(peerings, manifests, clock),
    trust: new TrustResolver(trust),
  });
  const { contracts, activity } = ledger;
  const sourcesOfStreams = {
    feed: replica.feed,
    brokers,
    contracts,
    activity,
    offloadings: parts.offloadings.service,
    peerings,
    scriptTokens,
    overview,
    offers,
    connector,
    trust,
  };
  return { schema: guardSchema(schema, clock), streams: new AdminStreams(sourcesOfStreams, parts.changes) };
}
