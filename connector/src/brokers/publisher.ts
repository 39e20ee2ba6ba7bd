import { Backoff } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import { CatalogError } from "@catalog/schema/errors";
import type { DocumentOutcome } from "@catalog/schema/operations";
import type { BrokerAddress, BrokerGateway, PublicationSource } from "../services/brokers/broker-ports.js";
import { WakeUp } from "./wake-up.js";

type Snapshot = Awaited<ReturnType<PublicationSource["snapshot"]>>;
type OwnDocument = Snapshot["documents"][number];

/** How documents are handed over. */
export interface PublisherLimits {
  /** Documents of one request. */
  readonly batchSize: number;
  /** Characters of one request; below the Broker's bound on bodies. */
  readonly batchLength: number;
  /** Pause between two requests of one round, in milliseconds. */
  readonly pauseMs: number;
}

/** Told how publishing goes. */
export interface PublisherReport {
  published(): void;
  failed(reason: string): void;
}

/** A Broker may answer with higher numbers once per life of a lost database; more rounds than this mean that it invents them. */
const MAX_ADOPTIONS = 3;

/**
 * Keeps what one Broker lists equal to what this cluster offers. It is driven by the level, not by events: each round tells the Broker the
 * whole list and hands over what the Broker lacks, so that nothing depends on which rounds failed before.
 */
export class Publisher {
  private readonly wakeUp = new WakeUp();
  private readonly backoff = new Backoff();

  constructor(
    private readonly source: PublicationSource,
    private readonly gateway: BrokerGateway,
    private readonly limits: PublisherLimits,
    private readonly report: PublisherReport,
    private readonly log: Logger,
  ) {}

  /** Asks for a round, at once unless one runs. */
  wake(): void {
    this.wakeUp.ring();
  }

  /** A new connection: what failed before says nothing about it. */
  restart(): void {
    this.backoff.reset();
    this.wakeUp.ring();
  }

  /** Publishes whenever it is woken, until the signal aborts. `address` answers undefined while there is nobody to publish to. */
  async run(address: () => Promise<BrokerAddress | undefined>, signal: AbortSignal): Promise<void> {
    let retryMs: number | undefined;
    for (;;) {
      await this.wakeUp.wait(signal, retryMs);
      if (signal.aborted) return;
      retryMs = await this.round(address, signal);
    }
  }

  /** One round; milliseconds until it should be repeated, undefined after a success. */
  private async round(
    address: () => Promise<BrokerAddress | undefined>,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    try {
      const target = await address();
      if (target === undefined) return undefined;
      await this.publish(target, signal);
      this.backoff.reset();
      this.report.published();
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = error instanceof CatalogError ? `${error.code}: ${error.message}` : String(error);
      this.report.failed(reason);
      this.log.warn({ reason }, "publishing to the Broker failed; it is repeated");
      return this.backoff.next();
    }
  }

  private async publish(target: BrokerAddress, signal: AbortSignal): Promise<void> {
    for (let adoptions = 0; adoptions <= MAX_ADOPTIONS; adoptions += 1) {
      const higher = await this.hand(target, await this.source.snapshot(), signal);
      if (higher.length === 0 || !(await this.source.outdated(higher))) return;
    }
    throw new CatalogError(
      "DOCUMENT_OUTDATED",
      "The Broker goes on to claim newer documents of this cluster than those it is shown.",
    );
  }

  /** Announces and hands over what is needed; returns documents that prove higher numbers. */
  private async hand(
    target: BrokerAddress,
    { descriptor, asOf, documents }: Snapshot,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const listed = documents.filter((one) => !one.isWithdrawn);
    const offers = listed.map(({ offerID, rev, digest }) => ({ offerID, rev, digest }));
    const answer = await this.gateway.announce(target, { descriptor, asOf, offers });
    const isNeeded = new Set(answer.need);
    const isDropped = new Set(answer.dropped);
    const needed = listed.filter((one) => isNeeded.has(one.offerID));
    const withdrawn = documents.filter(
      (one) => one.isWithdrawn && (isDropped.has(one.offerID) || isNeeded.has(one.offerID)),
    );
    const outcomes = [
      ...(await this.send(withdrawn, (batch) => this.gateway.withdraw(target, batch), signal)),
      ...(await this.send(needed, (batch) => this.gateway.publish(target, batch), signal)),
    ];
    return [...answer.higher, ...this.judge(outcomes)];
  }

  private async send(
    documents: readonly OwnDocument[],
    hand: (batch: readonly string[]) => Promise<{ readonly results: readonly DocumentOutcome[] }>,
    signal: AbortSignal,
  ): Promise<readonly DocumentOutcome[]> {
    const outcomes: DocumentOutcome[] = [];
    for (const [index, batch] of batches(documents, this.limits).entries()) {
      if (index > 0) await new WakeUp().wait(signal, this.limits.pauseMs);
      if (signal.aborted) break;
      outcomes.push(...(await hand(batch)).results);
    }
    return outcomes;
  }

  /** Throws for a refusal that a later round may mend; returns proofs of higher numbers; reports the rest. */
  private judge(outcomes: readonly DocumentOutcome[]): readonly string[] {
    const refused = outcomes.filter((one) => !one.accepted);
    const higher = refused.flatMap((one) => one.higher ?? []);
    const unexplained = refused.filter((one) => one.higher === null && one.code !== "DOCUMENT_OUTDATED");
    const [first] = unexplained;
    if (first !== undefined) {
      const others = unexplained.length > 1 ? ` (and ${unexplained.length - 1} more)` : "";
      throw new CatalogError(
        "UNAVAILABLE",
        `the Broker refused offer ${String(first.offerID)}: ${String(first.code)}: ${String(first.message)}${others}`,
      );
    }
    return higher;
  }
}

/** Cuts documents into requests that the Broker will take. */
export function batches(
  documents: readonly Pick<OwnDocument, "jws">[],
  limits: Pick<PublisherLimits, "batchSize" | "batchLength">,
): readonly (readonly string[])[] {
  const result: string[][] = [];
  let length = 0;
  for (const { jws } of documents) {
    const current = result.at(-1);
    if (current === undefined || current.length >= limits.batchSize || length + jws.length > limits.batchLength) {
      result.push([jws]);
      length = jws.length;
    } else {
      current.push(jws);
      length += jws.length;
    }
  }
  return result;
}
