import type { Clock } from "@catalog/server/clock";
import { unixSeconds } from "@catalog/server/clock";
import { verifyBrokerDescriptor, type BrokerDescriptor } from "@catalog/schema/documents/descriptor";
import { encryptJoinToken, signEnrolProof, verifyChallenge } from "@catalog/schema/documents/enrolment";
import { peekJws } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import type { Broker } from "../../domain/broker.js";
import type { BrokerAddress, BrokerGateway } from "./broker-ports.js";
import type { ClusterService } from "../cluster/cluster.service.js";
import type { Identity } from "../ports.js";

/** What a join string entitles to. */
export interface JoinCredentials {
  readonly tokenId: string;
  readonly secret: string;
}

/** The Broker after an enrolment. */
export interface EnrolledBroker {
  readonly descriptor: BrokerDescriptor;
  readonly jws: string;
  readonly membership: "PENDING" | "ADMITTED";
}

/** Joins Brokers: checks who answers, answers its challenge, and shows the join token to nobody but it. */
export class EnrolmentService {
  constructor(
    private readonly gateway: BrokerGateway,
    private readonly identity: Identity,
    private readonly cluster: ClusterService,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks to be admitted; repeating it is harmless. Without credentials it asks how a request for admission stands.
   * @throws NOT_INITIALISED, JOIN_STRING_INVALID if another Broker answers, and what the Broker refuses.
   */
  async enrol(address: BrokerAddress, credentials: JoinCredentials | null, kid?: string): Promise<EnrolledBroker> {
    const descriptor = await this.cluster.descriptor();
    const { jws, broker } = await this.identify(address, kid);
    const challenge = await verifyChallenge(await this.gateway.challenge(address), {
      broker,
      aud: this.identity.fingerprint,
      now: unixSeconds(this.clock.now()),
    });
    const answer = { iss: this.identity.fingerprint, aud: broker.iss, nonce: challenge.nonce };
    const proof = await signEnrolProof(this.identity.signer, answer);
    const token =
      credentials === null
        ? null
        : await encryptJoinToken(broker.keys.enc, {
            ...credentials,
            iss: this.identity.fingerprint,
            nonce: challenge.nonce,
          });
    const { status } = await this.gateway.enrol(address, { descriptor, proof, token });
    return { descriptor: broker, jws, membership: status };
  }

  /**
   * The TLS key that a Broker shows now, if a descriptor signed by it, newer than the one known here, names that very key.
   * @throws PEER_UNREACHABLE, DOCUMENT_INVALID
   */
  async newTlsKey(broker: Broker): Promise<Pick<Broker, "descriptor" | "tlsSpki"> | undefined> {
    const { descriptor, tlsSpki } = await this.gateway.describeUnpinned(broker);
    const [known, shown] = await Promise.all([
      verifyBrokerDescriptor(broker.descriptor),
      verifyBrokerDescriptor(descriptor),
    ]);
    const isProven =
      shown.iss === broker.brokerID && shown.seq > known.seq && tlsSpki !== null && shown.tlsSpki === tlsSpki;
    return isProven ? { descriptor, tlsSpki } : undefined;
  }

  private async identify(
    address: BrokerAddress,
    kid: string | undefined,
  ): Promise<{ jws: string; broker: BrokerDescriptor }> {
    const { descriptor: jws } = await this.gateway.describe(address);
    const broker = await verifyBrokerDescriptor(jws);
    if (broker.iss !== address.brokerID) {
      throw new CatalogError(
        "JOIN_STRING_INVALID",
        `The Broker at ${address.brokerEndpoint} has the key fingerprint ${broker.iss}, not ${address.brokerID} as expected. ` +
          "Ask its operator for a new join string over a channel that you trust.",
      );
    }
    if (kid !== undefined && peekJws(jws).header.kid !== kid) {
      throw new CatalogError(
        "JOIN_STRING_INVALID",
        `The Broker at ${address.brokerEndpoint} does not sign with the key that the join string names.`,
      );
    }
    return { jws, broker };
  }
}
