import type { Logger } from "@catalog/server/log";
import { parseJoinString, type JoinString } from "@catalog/schema/documents/join-string";
import { CatalogError } from "@catalog/schema/errors";
import { InputInvalidError } from "@catalog/schema/problem";
import type { Broker } from "../../domain/broker.js";
import type { BrokerHealthBoard } from "./broker-health.js";
import type { BrokerGateway, BrokerHealth, BrokerSessions } from "./broker-ports.js";
import type { BrokerRegistry } from "./broker-registry.js";
import type { EnrolmentService } from "./enrolment.service.js";

/** A Broker with its registration and how it is doing. */
export interface BrokerState {
  readonly broker: Broker;
  readonly health: BrokerHealth;
}

/** How Brokers are reached and followed. */
export interface BrokerLinks {
  readonly enrolment: EnrolmentService;
  readonly gateway: BrokerGateway;
  readonly sessions: BrokerSessions;
}

/** Registers this cluster with Brokers and ends that again. Each Broker stands alone: what happens with one never touches another. */
export class BrokerService {
  constructor(
    private readonly registry: BrokerRegistry,
    private readonly health: BrokerHealthBoard,
    private readonly links: BrokerLinks,
    private readonly log: Logger,
  ) {}

  async list(): Promise<readonly BrokerState[]> {
    return (await this.registry.all()).map((broker) => this.withHealth(broker));
  }

  async find(brokerID: string): Promise<BrokerState | undefined> {
    const broker = await this.registry.find(brokerID);
    return broker && this.withHealth(broker);
  }

  /** Begins the work for every Broker that is registered: at start, once the database is there. */
  async startAll(): Promise<void> {
    for (const { brokerID, isSubscribed } of await this.registry.all())
      if (isSubscribed) this.links.sessions.start(brokerID);
  }

  /**
   * Joins the Broker that a join string names and begins to follow it.
   * @param name what to call it here; null takes the name that it gives itself.
   * @param actor who does it, for the activity list.
   * @param isDeclared whether a declaration has the registration from now on.
   * @throws JOIN_STRING_INVALID, BROKER_EXISTS, NOT_INITIALISED, PEER_UNREACHABLE, and what the Broker refuses.
   */
  async register(joinString: string, name: string | null, actor: string, isDeclared = false): Promise<BrokerState> {
    checkName(name);
    const join = parseJoinString(joinString);
    const before = await this.registry.find(join.fingerprint);
    if (before?.membership === "ADMITTED") {
      throw new CatalogError(
        "BROKER_EXISTS",
        `The Broker ${join.fingerprint} is registered already, as "${before.brokerName}".`,
        { brokerID: join.fingerprint },
      );
    }
    const address = { brokerID: join.fingerprint, brokerEndpoint: join.brokerUrl, tlsSpki: join.spki ?? null };
    const { descriptor, jws, membership } = await this.links.enrolment.enrol(address, credentialsOf(join), join.kid);
    const brokerName = name?.trim() ?? descriptor.brokerName;
    const known = {
      isSubscribed: true,
      isDeclared: isDeclared || before?.isDeclared === true,
      syncedAt: before?.syncedAt ?? null,
    };
    const broker = await this.registry.save(
      (now) => ({
        ...address,
        ...known,
        brokerName,
        descriptor: jws,
        membership,
        registeredAt: before?.registeredAt ?? now,
      }),
      {
        actor,
        action: "broker.registered",
        message: `Registered with the Broker "${brokerName}" at ${address.brokerEndpoint}.`,
      },
    );
    await this.links.sessions.stop(broker.brokerID);
    this.links.sessions.start(broker.brokerID);
    return this.withHealth(broker);
  }

  /**
   * Leaves a Broker: it is told if it can be reached, and forgotten in any case.
   * @throws BROKER_NOT_FOUND, BROKER_DECLARED
   */
  async unregister(brokerID: string, actor: string): Promise<BrokerState> {
    const broker = await this.get(brokerID);
    requireByHand(broker);
    return this.forget(broker, actor);
  }

  /**
   * Follows a Broker or stops following it, without leaving it. What only it lists disappears here meanwhile, and own offers go grey there.
   * @throws BROKER_NOT_FOUND, BROKER_DECLARED
   */
  async setSubscription(brokerID: string, isSubscribed: boolean, actor: string): Promise<BrokerState> {
    const before = await this.get(brokerID);
    if (before.isSubscribed === isSubscribed) return this.withHealth(before);
    requireByHand(before);
    return this.follow(before, isSubscribed, actor);
  }

  /** Makes a declared registration what its declaration says. */
  async declare(broker: Broker, declared: { name: string | null; subscribed: boolean }, actor: string): Promise<void> {
    checkName(declared.name);
    const brokerName = declared.name?.trim() ?? broker.brokerName;
    const message = `The Broker "${broker.brokerName}" is called "${brokerName}" now.`;
    const named =
      brokerName === broker.brokerName
        ? broker
        : await this.registry.save(() => ({ ...broker, brokerName }), { actor, action: "broker.renamed", message });
    if (named.isSubscribed !== declared.subscribed) await this.follow(named, declared.subscribed, actor);
  }

  /** Leaves a Broker that is not declared any more. */
  async undeclare(broker: Broker, actor: string): Promise<void> {
    await this.forget(broker, actor);
  }

  /** There is no declaration any more: the registration is the admin's from now on. */
  async release(broker: Broker, actor: string): Promise<void> {
    const message = `The Broker "${broker.brokerName}" is not declared any more; the registration stays.`;
    const entry = { actor, action: "broker.released", message };
    await this.registry.save(() => ({ ...broker, isDeclared: false }), entry);
  }

  private async forget(broker: Broker, actor: string): Promise<BrokerState> {
    const { brokerID } = broker;
    await this.links.sessions.stop(brokerID);
    await this.leave(broker);
    const message = `Left the Broker "${broker.brokerName}".`;
    await this.registry.remove(brokerID, { actor, action: "broker.unregistered", message });
    this.health.forget(brokerID);
    return this.withHealth(broker);
  }

  private async follow(before: Broker, isSubscribed: boolean, actor: string): Promise<BrokerState> {
    const { brokerID } = before;
    if (!isSubscribed) await this.links.sessions.stop(brokerID);
    const message = `${isSubscribed ? "Follows" : "No longer follows"} the Broker "${before.brokerName}".`;
    const action = isSubscribed ? "broker.subscribed" : "broker.unsubscribed";
    const broker = await this.registry.save(() => ({ ...before, isSubscribed }), { actor, action, message });
    if (isSubscribed) this.links.sessions.start(brokerID);
    return this.withHealth(broker);
  }

  /** Only an admission can be given back; a Broker that cannot be reached notices the end of the session by itself. */
  private async leave(broker: Broker): Promise<void> {
    try {
      await this.links.gateway.leave(broker);
    } catch (error) {
      this.log.warn({ err: error, brokerID: broker.brokerID }, "the Broker could not be told that this cluster leaves");
    }
  }

  private withHealth(broker: Broker): BrokerState {
    return { broker, health: this.health.of(broker.brokerID) };
  }

  private async get(brokerID: string): Promise<Broker> {
    const broker = await this.registry.find(brokerID);
    if (broker === undefined)
      throw new CatalogError(
        "BROKER_NOT_FOUND",
        `No Broker with the id ${brokerID} is registered here; see the query brokers.`,
      );
    return broker;
  }
}

function credentialsOf({ tokenId, secret }: JoinString): { tokenId: string; secret: string } | null {
  return tokenId === null || secret === null ? null : { tokenId, secret };
}

function requireByHand({ brokerID, brokerName, isDeclared }: Broker): void {
  if (!isDeclared) return;
  throw new CatalogError(
    "BROKER_DECLARED",
    `The registration with "${brokerName}" is declared in the files of DECLARATIONS (values of the chart, for instance): change it there.`,
    { brokerID },
  );
}

function checkName(name: string | null): void {
  if (name === null || /^[^\p{Cc}]{1,253}$/u.test(name.trim())) return;
  throw new InputInvalidError([{ path: "name", message: "must be 1 to 253 characters on one line, or left away" }]);
}
