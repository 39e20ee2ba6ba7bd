import type { MachineClient } from "@catalog/server/outgoing/machine-client";
import {
  ANNOUNCE,
  BROKER_DESCRIPTOR,
  CHALLENGE,
  ENROL,
  LEAVE,
  PROBE,
  PUBLISH_OFFERS,
  WITHDRAW_OFFERS,
  type AnnounceResult,
  type AnnounceVariables,
  type Announcement,
  type BrokerDescriptorResult,
  type ChallengeResult,
  type EnrolResult,
  type EnrolVariables,
  type Enrolment,
  type LeaveResult,
  type ProbeResult,
  type PublishOffersResult,
  type PublishResult,
  type WithdrawOffersResult,
} from "@catalog/schema/operations";
import type { BrokerAddress, BrokerGateway } from "../services/brokers/broker-ports.js";

/** Calls Brokers over HTTP. Their addresses come from the own admin, so they may be private. */
export class HttpBrokerGateway implements BrokerGateway {
  constructor(
    private readonly client: MachineClient,
    private readonly ownFingerprint: string,
  ) {}

  async describe(address: BrokerAddress): Promise<BrokerDescriptorResult["broker"]> {
    return (await this.ask<BrokerDescriptorResult>(address, BROKER_DESCRIPTOR, {})).broker;
  }

  async describeUnpinned({ brokerEndpoint }: BrokerAddress): Promise<{ descriptor: string; tlsSpki: string | null }> {
    const options = { isPrivateAllowed: true, isAnyCertificate: true };
    const { data, spki } = await this.client.ask<BrokerDescriptorResult>(
      brokerEndpoint,
      BROKER_DESCRIPTOR,
      {},
      options,
    );
    return { descriptor: data.broker.descriptor, tlsSpki: spki ?? null };
  }

  async challenge(address: BrokerAddress): Promise<string> {
    return (await this.ask<ChallengeResult>(address, CHALLENGE, { fingerprint: this.ownFingerprint })).challenge;
  }

  async enrol(address: BrokerAddress, variables: EnrolVariables): Promise<Enrolment> {
    return (await this.call<EnrolResult>(address, ENROL, variables, true)).enrol;
  }

  async announce(address: BrokerAddress, variables: AnnounceVariables): Promise<Announcement> {
    return (await this.call<AnnounceResult>(address, ANNOUNCE, variables)).announce;
  }

  async publish(address: BrokerAddress, documents: readonly string[]): Promise<PublishResult> {
    return (await this.call<PublishOffersResult>(address, PUBLISH_OFFERS, { documents })).publishOffers;
  }

  async withdraw(address: BrokerAddress, documents: readonly string[]): Promise<PublishResult> {
    return (await this.call<WithdrawOffersResult>(address, WITHDRAW_OFFERS, { documents })).withdrawOffers;
  }

  async leave(address: BrokerAddress): Promise<void> {
    await this.call<LeaveResult>(address, LEAVE, {});
  }

  async probe(address: BrokerAddress): Promise<ProbeResult["probeContractEndpoint"]> {
    return (await this.call<ProbeResult>(address, PROBE, {})).probeContractEndpoint;
  }

  clockOffset(brokerID: string): number {
    return this.client.clockOffset(brokerID);
  }

  /** Without a proof: these are for anybody, and the first of them finds out who answers. */
  private async ask<T>(address: BrokerAddress, operation: string, variables: object): Promise<T> {
    const { data } = await this.client.ask<T>(address.brokerEndpoint, operation, variables, optionsOf(address));
    return data;
  }

  private call<T>(address: BrokerAddress, operation: string, variables: object, firstContact = false): Promise<T> {
    return this.client.call<T>(address.brokerEndpoint, address.brokerID, operation, variables, {
      ...optionsOf(address),
      firstContact,
    });
  }
}

function optionsOf({ tlsSpki }: BrokerAddress): { isPrivateAllowed: boolean; pinnedSpki?: string } {
  return { isPrivateAllowed: true, ...(tlsSpki === null ? {} : { pinnedSpki: tlsSpki }) };
}
