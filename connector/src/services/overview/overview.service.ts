import { unixSeconds, type Clock } from "@catalog/server/clock";
import type { BrokerService } from "../brokers/broker.service.js";
import type { CatalogView } from "../catalog/catalog-view.js";
import type { TrustService } from "../catalog/trust.service.js";
import type { LedgerFindingsService } from "../cluster/ledger-findings.service.js";
import type { ConnectorService } from "../cluster/connector.service.js";
import type { DiagnosticsService } from "../cluster/diagnostics.service.js";
import type { PeeringService } from "../peerings/peering.service.js";
import {
  approvalWaiting,
  brokerAway,
  contractExpiring,
  equivocation,
  mostUrgentFirst,
  peeringFailed,
  peerUndecided,
  warning,
  type AttentionItem,
} from "./attention-list.js";
import { federationOf, type Federation } from "./federation.js";
import type { OverviewReader } from "./overview-ports.js";

/** What the overview is put together from. */
export interface OverviewSources {
  readonly reader: OverviewReader;
  readonly brokers: Pick<BrokerService, "list">;
  readonly peerings: Pick<PeeringService, "list">;
  readonly trust: Pick<TrustService, "equivocations">;
  readonly findings: Pick<LedgerFindingsService, "look">;
  readonly diagnostics: Pick<DiagnosticsService, "findings">;
  readonly connector: Pick<ConnectorService, "view">;
  readonly catalog: Pick<CatalogView, "allClusters">;
}

/** Things of one kind that are listed at most. */
const OF_EACH_KIND = 50;
/** Contracts that the map takes into account. */
const ON_THE_MAP = 2_000;
/** How long before its end a contract is spoken of, in seconds. */
const EXPIRING = 7 * 86_400;

/** What an admin sees first: what needs attention, and with whom this cluster deals. */
export class OverviewService {
  constructor(
    private readonly sources: OverviewSources,
    private readonly clock: Clock,
  ) {}

  /** What somebody should look at, the most urgent first. Asks nobody outside. */
  async attention(): Promise<readonly AttentionItem[]> {
    const { reader, brokers, peerings, trust, diagnostics } = this.sources;
    const now = unixSeconds(this.clock.now());
    const states = await brokers.list();
    const isSaidOtherwise = (check: string): boolean =>
      check === "allowances.undecided" || (check === "brokers" && states.length > 0);
    const findings = (await diagnostics.findings()).filter(({ check }) => !isSaidOtherwise(check));
    return mostUrgentFirst([
      ...(await reader.waiting(OF_EACH_KIND)).map(approvalWaiting),
      ...(await peerings.list()).flatMap((view) => peeringFailed(view) ?? []).slice(0, OF_EACH_KIND),
      ...(await reader.expiring(now + EXPIRING, OF_EACH_KIND)).map((contract) => contractExpiring(contract, now)),
      ...states.flatMap((state) => brokerAway(state) ?? []).slice(0, OF_EACH_KIND),
      ...(await trust.equivocations()).slice(0, OF_EACH_KIND).map(equivocation),
      ...(await this.undecided()).slice(0, OF_EACH_KIND).map(peerUndecided),
      ...findings.flatMap((finding) => warning(finding) ?? []),
    ]);
  }

  /** This cluster, its Brokers and those with whom contracts are in force. */
  async federation(): Promise<Federation> {
    const { reader, brokers, peerings, connector, catalog } = this.sources;
    const view = await connector.view();
    const alive = new Set(
      [...catalog.allClusters()].flatMap((one) => (one.staleSince === null ? [one.fingerprint] : [])),
    );
    const clusterID = view.clusterParameters?.clusterID ?? null;
    return federationOf({
      self: { fingerprint: view.fingerprint, name: view.prettyName ?? clusterID ?? "This cluster", clusterID },
      brokers: await brokers.list(),
      contracts: await reader.active(ON_THE_MAP),
      peerings: await peerings.list(),
      isAlive: (fingerprint) => alive.has(fingerprint),
    });
  }

  private async undecided(): Promise<readonly string[]> {
    return (await this.sources.findings.look(null)).undecided;
  }
}
