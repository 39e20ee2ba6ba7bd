import type { ClusterParameters } from "@catalog/schema/catalog";
import type { Clock } from "@catalog/server/clock";
import type { BrokerGateway } from "../brokers/broker-ports.js";
import type { BrokerService, BrokerState } from "../brokers/broker.service.js";
import type { LedgerFindings, LedgerFindingsService } from "./ledger-findings.service.js";
import type { CapacityService } from "./capacity.service.js";
import type { ClusterService } from "./cluster.service.js";
import type { Diagnosis, Facts, PluginFacts, ProbeFinding } from "./diagnosis.js";
import { diagnose } from "./diagnostic-checks.js";
import type { OfferService } from "../offers/offer.service.js";
import type { DeclarationService } from "../declarations/declaration.service.js";
import type { ClusterDriver } from "../ports.js";

/** Where the facts come from. */
export interface FactSources {
  readonly isDatabaseThere: () => boolean;
  readonly cluster: ClusterService;
  readonly brokers: BrokerService;
  readonly offers: OfferService;
  readonly ledger: Pick<LedgerFindingsService, "look">;
  readonly plugin: () => PluginFacts;
  readonly capacity: Pick<CapacityService, "finding">;
  readonly declarations: Pick<DeclarationService, "report">;
}

const NOTHING: LedgerFindings = { overdue: [], undecided: [], underOtherID: [] };

/** A Broker answers a probe once a minute; its last answer serves until then. */
const PROBE_EVERY_MS = 60_000;

/** What a Broker said, of which address, and when. */
interface Probed {
  readonly at: number;
  readonly contractEndpoint: string;
  readonly finding: ProbeFinding;
}

/** Checks what newcomers get wrong, and says what to do. */
export class DiagnosticsService {
  private readonly probed = new Map<string, Probed>();

  constructor(
    private readonly sources: FactSources,
    private readonly driver: ClusterDriver,
    private readonly gateway: BrokerGateway,
    private readonly clock: Clock,
  ) {}

  /** Every check, what is wrong first. Asks the connected Brokers whether they reach the contract endpoint. */
  async diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose(await this.facts(true));
  }

  /** What is wrong, in words; without asking anybody outside. */
  async warnings(): Promise<readonly string[]> {
    return (await this.findings())
      .filter(({ ok, severity }) => !ok && severity !== "INFO")
      .map(({ message }) => message);
  }

  /** Every check but those that ask somebody outside. */
  async findings(): Promise<readonly Diagnosis[]> {
    return diagnose(await this.facts(false));
  }

  private async facts(isProbing: boolean): Promise<Facts> {
    const local = {
      liqo: this.driver.liqo(),
      safety: this.driver.safety(),
      plugin: this.sources.plugin(),
      parameters: await this.parameters(),
      declarations: this.sources.declarations.report(),
    };
    const nothing = {
      isInitialised: false,
      contractEndpoint: null,
      brokers: [],
      clockOffsets: new Map(),
      probes: [],
      offersListed: 0,
      capacity: null,
      ledger: NOTHING,
    };
    if (!this.sources.isDatabaseThere()) return { ...local, ...nothing, isDatabaseThere: false };
    const profile = await this.sources.cluster.profile();
    const brokers = await this.sources.brokers.list();
    return {
      ...local,
      isDatabaseThere: true,
      isInitialised: profile !== undefined,
      contractEndpoint: profile?.contractEndpoint ?? null,
      brokers,
      clockOffsets: new Map(brokers.map(({ broker }) => [broker.brokerID, this.gateway.clockOffset(broker.brokerID)])),
      probes: isProbing && profile !== undefined ? await this.probes(brokers, profile.contractEndpoint) : [],
      offersListed: (await this.sources.offers.list()).length,
      capacity: await this.sources.capacity.finding(),
      ledger: await this.sources.ledger.look(local.parameters?.clusterID ?? null),
    };
  }

  private async parameters(): Promise<ClusterParameters | null> {
    try {
      return await this.driver.parameters();
    } catch {
      return null; // That the driver cannot tell is itself what the check says.
    }
  }

  private probes(brokers: readonly BrokerState[], contractEndpoint: string): Promise<readonly ProbeFinding[]> {
    const connected = brokers.filter(({ health }) => health.isConnected);
    return Promise.all(connected.map((state) => this.probe(state, contractEndpoint)));
  }

  private async probe({ broker }: BrokerState, contractEndpoint: string): Promise<ProbeFinding> {
    const now = this.clock.now().getTime();
    const known = this.probed.get(broker.brokerID);
    const isSame = known?.contractEndpoint === contractEndpoint;
    if (known !== undefined && isSame && now - known.at < PROBE_EVERY_MS) return known.finding;
    const { brokerName } = broker;
    try {
      const { reachable, message } = await this.gateway.probe(broker);
      const finding = { brokerName, reachable, message };
      this.probed.set(broker.brokerID, { at: now, contractEndpoint, finding });
      return finding;
    } catch (error) {
      return { brokerName, reachable: null, message: error instanceof Error ? error.message : String(error) };
    }
  }
}
