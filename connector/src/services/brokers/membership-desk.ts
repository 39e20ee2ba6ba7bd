import type { Broker } from "../../domain/broker.js";
import type { MembershipDeskPort } from "./broker-ports.js";
import type { BrokerRegistry } from "./broker-registry.js";
import type { EnrolmentService } from "./enrolment.service.js";

/** Asks Brokers how this cluster stands with them, and remembers what they say. */
export class MembershipDesk implements MembershipDeskPort {
  constructor(
    private readonly registry: BrokerRegistry,
    private readonly enrolment: EnrolmentService,
  ) {}

  broker(brokerID: string): Promise<Broker | undefined> {
    return this.registry.find(brokerID);
  }

  /** Asks to be admitted, without a token: a Broker that lost its members, or whose operator approves them, learns of this cluster so. */
  async enrol(broker: Broker): Promise<Broker> {
    const { jws, membership } = await this.enrolment.enrol(broker, null);
    if (membership === broker.membership && jws === broker.descriptor) return broker;
    return this.registry.save(() => ({ ...broker, descriptor: jws, membership }), {
      actor: "connector",
      action: membership === "ADMITTED" ? "broker.admitted" : "broker.pending",
      message:
        membership === "ADMITTED"
          ? `The Broker "${broker.brokerName}" has admitted this cluster.`
          : `Waits for the operator of the Broker "${broker.brokerName}".`,
    });
  }

  async changedTlsKey(broker: Broker): Promise<void> {
    const renewed = await this.enrolment.newTlsKey(broker);
    if (renewed === undefined) return;
    await this.registry.save(() => ({ ...broker, ...renewed }), {
      actor: "connector",
      action: "broker.rekeyed",
      message: `The Broker "${broker.brokerName}" has a new TLS key; its own signature says so.`,
    });
  }

  async lostMembership(broker: Broker): Promise<void> {
    if (broker.membership === "PENDING") return;
    await this.registry.save(() => ({ ...broker, membership: "PENDING" }), {
      actor: "connector",
      action: "broker.pending",
      message: `The Broker "${broker.brokerName}" no longer takes this cluster for a member; asking again.`,
    });
  }
}
