import { streamOf } from "@catalog/server/graphql/stream";
import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import type { ScriptToken } from "../../domain/script-token.js";
import type { ScriptTokenService } from "../../services/access/script-token.service.js";
import type { ActivityService } from "../../services/cluster/activity.service.js";
import type { BrokerService, BrokerState } from "../../services/brokers/broker.service.js";
import { standingChanges } from "../../services/catalog/standing-stream.js";
import type { ClusterStanding, TrustService } from "../../services/catalog/trust.service.js";
import type { CatalogFeed, FeedRequest, MergedEvent } from "../../services/catalog/catalog-feed.js";
import type { ConnectorService, ConnectorView } from "../../services/cluster/connector.service.js";
import type { ContractService } from "../../services/contracts/contract.service.js";
import type { ActivityEntry } from "../../services/contracts/ledger-ports.js";
import type { OffloadingChange, OffloadingService } from "../../services/offloading/offloading.service.js";
import type { MyOffer, OfferService } from "../../services/offers/offer.service.js";
import type { AttentionItem } from "../../services/overview/attention-list.js";
import { attentionChanges } from "../../services/overview/attention-stream.js";
import type { OverviewService } from "../../services/overview/overview.service.js";
import type { PeeringService, PeeringView } from "../../services/peerings/peering.service.js";
import type { Changes } from "../../services/ports.js";

/** A Broker that has changed; `isRegistered` is false for the last message of one that was unregistered. */
export interface BrokerChange extends BrokerState {
  readonly isRegistered: boolean;
}

/** What the streams read from. */
export interface StreamSources {
  readonly feed: CatalogFeed;
  readonly brokers: BrokerService;
  readonly contracts: ContractService;
  readonly activity: ActivityService;
  readonly offloadings: OffloadingService;
  readonly peerings: PeeringService;
  readonly scriptTokens: ScriptTokenService;
  readonly overview: OverviewService;
  readonly offers: OfferService;
  readonly connector: ConnectorService;
  readonly trust: Pick<TrustService, "all">;
}

/** The subscriptions of the admin API: each message is the changed object as it is now. */
export class AdminStreams {
  constructor(
    private readonly sources: StreamSources,
    private readonly changes: Changes,
  ) {}

  /** @throws BAD_USER_INPUT for an invalid filter. */
  async catalog(request: FeedRequest): Promise<AsyncGenerator<MergedEvent>> {
    const ending = new AbortController();
    const events = await this.sources.feed.open(request, ending.signal);
    return streamOf((signal) => {
      signal.addEventListener("abort", () => ending.abort(), { once: true });
      return events;
    });
  }

  brokers(): AsyncGenerator<BrokerChange> {
    const { brokers } = this.sources;
    return streamOf((signal) => brokerChanges(brokers, this.changes.stream("broker", signal)));
  }

  contracts(): AsyncGenerator<Contract> {
    const { contracts } = this.sources;
    return streamOf((signal) => found(this.changes.stream("contract", signal), (id) => contracts.get(id)));
  }

  peerings(): AsyncGenerator<PeeringView> {
    const { peerings } = this.sources;
    return streamOf((signal) => found(this.changes.stream("peering", signal), (id) => peerings.find(id)));
  }

  attention(): AsyncGenerator<readonly AttentionItem[]> {
    const { overview } = this.sources;
    return streamOf((signal) => attentionChanges(() => orSkipped(overview.attention()), this.changes, signal));
  }

  myOffers(): AsyncGenerator<MyOffer> {
    const { offers } = this.sources;
    return streamOf((signal) => found(this.changes.stream("offer", signal), (id) => offers.get(id)));
  }

  connector(): AsyncGenerator<ConnectorView> {
    const { connector } = this.sources;
    return streamOf((signal) => found(this.changes.stream("descriptor", signal), () => connector.view()));
  }

  scriptTokens(): AsyncGenerator<ScriptToken> {
    const { scriptTokens } = this.sources;
    return streamOf((signal) => found(this.changes.stream("access", signal), (id) => scriptTokens.get(id)));
  }

  knownClusters(): AsyncGenerator<ClusterStanding> {
    const { trust } = this.sources;
    return streamOf((signal) => standingChanges(() => orUnread(() => trust.all()), this.changes, signal));
  }

  offloadings(): AsyncGenerator<OffloadingChange> {
    const { offloadings } = this.sources;
    return streamOf((signal) => found(this.changes.stream("offloadingStatus", signal), (id) => offloadings.change(id)));
  }

  activity(): AsyncGenerator<ActivityEntry> {
    const { activity } = this.sources;
    return streamOf((signal) => found(this.changes.stream("activity", signal), (id) => entryOf(activity, id)));
  }
}

async function* brokerChanges(brokers: BrokerService, ids: AsyncGenerator<string>): AsyncGenerator<BrokerChange> {
  const last = new Map((await brokers.list()).map((state) => [state.broker.brokerID, state]));
  for await (const id of ids) {
    const state = await orSkipped(brokers.find(id).then((one) => one ?? null));
    const before = last.get(id);
    if (state === undefined || (state === null && before === undefined)) continue;
    if (state === null) last.delete(id);
    else last.set(id, state);
    const shown = state ?? before;
    if (shown !== undefined) yield { ...shown, isRegistered: state !== null };
  }
}

async function* found<T>(ids: AsyncGenerator<string>, read: (id: string) => Promise<T | undefined>): AsyncGenerator<T> {
  for await (const id of ids) {
    const one = await orSkipped(read(id));
    if (one !== undefined) yield one;
  }
}

/** Ids of entries are numbers that rise. */
async function entryOf(activity: ActivityService, id: string): Promise<ActivityEntry | undefined> {
  const [entry] = await activity.list(1, String(BigInt(id) + 1n));
  return entry?.id === id ? entry : undefined;
}

/** Undefined for what cannot be read now, or is gone: a stream outlives an outage of the database. */
async function orSkipped<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    return undefinedFor(error);
  }
}

/** The same for what is read from memory. */
function orUnread<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return undefinedFor(error);
  }
}

function undefinedFor(error: unknown): undefined {
  if (error instanceof CatalogError) return undefined;
  throw error;
}
