import { randomBytes } from "node:crypto";

import { verifyBrokerDescriptor } from "@catalog/schema/documents/descriptor";
import { encryptJoinToken, signEnrolProof, verifyChallenge } from "@catalog/schema/documents/enrolment";
import { parseJoinString } from "@catalog/schema/documents/join-string";
import { signProof, type ProofRequest } from "@catalog/schema/documents/request-proof";
import * as operations from "@catalog/schema/operations";
import { systemClock } from "@catalog/server/clock";
import { MachineClient } from "@catalog/server/outgoing/machine-client";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";

import type { Answer, BrokerApp } from "./broker-app.js";
import type { ClusterFixture } from "./cluster-fixture.js";

/** A cluster that talks to a Broker as a Connector does: with the language's own operations and documents. */
export class MemberClient {
  private readonly client: MachineClient;

  constructor(
    private readonly app: BrokerApp,
    readonly cluster: ClusterFixture,
  ) {
    const safeFetch = new SafeFetch({ allowHttp: true, allowCidrs: [], denyCidrs: [] });
    this.client = new MachineClient(cluster.signer, safeFetch, systemClock(), () =>
      Promise.resolve(this.cluster.descriptor),
    );
  }

  call<T>(operation: string, variables: object = {}, firstContact = false): Promise<T> {
    return this.client.call<T>(this.app.endpoint, this.app.broker.fingerprint, operation, variables, { firstContact });
  }

  /** Enrols from the Broker's own descriptor on, with a join string or without. */
  async enrol(join?: string): Promise<operations.Enrolment> {
    const variables = await this.enrolment(join);
    return (await this.call<operations.EnrolResult>(operations.ENROL, variables, true)).enrol;
  }

  /** Everything that `enrol` is called with. */
  async enrolment(join?: string): Promise<operations.EnrolVariables> {
    const { signer, fingerprint, descriptor } = this.cluster;
    const { broker } = (await this.app.ask(operations.BROKER_DESCRIPTOR))
      .data as unknown as operations.BrokerDescriptorResult;
    const known = await verifyBrokerDescriptor(broker.descriptor);
    const { challenge } = (await this.app.ask(operations.CHALLENGE, { fingerprint }))
      .data as unknown as operations.ChallengeResult;
    const { nonce } = await verifyChallenge(challenge, {
      broker: known,
      aud: fingerprint,
      now: Math.floor(Date.now() / 1000),
    });
    const shown = join === undefined ? undefined : parseJoinString(join);
    const token = shown && { tokenId: shown.tokenId ?? "", secret: shown.secret ?? "", iss: fingerprint, nonce };
    return {
      descriptor,
      proof: await signEnrolProof(signer, { iss: fingerprint, aud: known.iss, nonce }),
      token: token === undefined ? null : await encryptJoinToken(known.keys.enc, token),
    };
  }

  async publish(...documents: readonly string[]): Promise<readonly operations.DocumentOutcome[]> {
    return (await this.call<operations.PublishOffersResult>(operations.PUBLISH_OFFERS, { documents })).publishOffers
      .results;
  }

  async withdraw(...documents: readonly string[]): Promise<readonly operations.DocumentOutcome[]> {
    return (await this.call<operations.WithdrawOffersResult>(operations.WITHDRAW_OFFERS, { documents })).withdrawOffers
      .results;
  }

  /** A request proof that differs from a right one as told. */
  proof(body: string, changes: Partial<ProofRequest> = {}): Promise<string> {
    return signProof(this.cluster.signer, {
      aud: this.app.broker.fingerprint,
      method: "POST",
      path: "/graphql",
      body: new TextEncoder().encode(body),
      now: Math.floor(Date.now() / 1000),
      jti: randomBytes(16).toString("base64url"),
      ...changes,
    });
  }

  /** Sends a request with this proof, or with a right one. */
  async send(body: string, proof?: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.app.send(body, { authorization: `Catalog ${proof ?? (await this.proof(body))}`, ...headers });
  }

  /** connection_init of a socket of this cluster. */
  async connectionParams(): Promise<Record<string, unknown>> {
    return { proof: await this.proof("", { method: "GET" }) };
  }
}
