import {
  ACTIVATE,
  type ActivateResult,
  type ActivateVariables,
  CONFIRM,
  type ConfirmResult,
  type ConfirmVariables,
  DESCRIPTOR,
  type DescriptorResult,
  EXCHANGE_PEERING,
  type ExchangePeeringResult,
  type ExchangePeeringVariables,
  type Negotiation,
  NEGOTIATIONS,
  type NegotiationsResult,
  RESERVE,
  type ReserveInput,
  type ReserveResult,
  TERMINATE,
  type TerminateResult,
  type TerminateVariables,
} from "@catalog/schema/operations";
import type { MachineClient } from "@catalog/server/outgoing/machine-client";
import type { PeerAddress, PeerClient, PeeringClient } from "../services/ports.js";

/** Calls other Connectors at their contract endpoints, each call with a proof of its own. */
export class HttpPeerClient implements PeerClient, PeeringClient {
  constructor(private readonly client: Pick<MachineClient, "ask" | "call">) {}

  /** Whatever certificate the peer shows: the descriptor proves itself, and may be what names a new one. */
  async descriptor(peer: PeerAddress): Promise<string> {
    const { data } = await this.client.ask<DescriptorResult>(
      peer.contractEndpoint,
      DESCRIPTOR,
      {},
      { isAnyCertificate: true },
    );
    return data.descriptor;
  }

  async reserve(peer: PeerAddress, input: ReserveInput): Promise<Negotiation> {
    return (await this.call<ReserveResult>(peer, RESERVE, { input })).reserve;
  }

  async confirm(peer: PeerAddress, call: ConfirmVariables): Promise<Negotiation> {
    return (await this.call<ConfirmResult>(peer, CONFIRM, call)).confirm;
  }

  async activate(peer: PeerAddress, call: ActivateVariables): Promise<Negotiation> {
    return (await this.call<ActivateResult>(peer, ACTIVATE, call)).activate;
  }

  async terminate(peer: PeerAddress, call: TerminateVariables): Promise<Negotiation> {
    return (await this.call<TerminateResult>(peer, TERMINATE, call)).terminate;
  }

  async exchangePeering(peer: PeerAddress, call: ExchangePeeringVariables): Promise<string> {
    return (await this.call<ExchangePeeringResult>(peer, EXCHANGE_PEERING, call)).exchangePeering;
  }

  async negotiations(peer: PeerAddress, since: number, first: number): Promise<readonly Negotiation[]> {
    return (await this.call<NegotiationsResult>(peer, NEGOTIATIONS, { since: Math.max(0, since), first })).negotiations;
  }

  private call<Result>(peer: PeerAddress, operation: string, variables: object): Promise<Result> {
    return this.client.call<Result>(peer.contractEndpoint, peer.fingerprint, operation, variables, {
      pinnedSpki: peer.tlsSpki,
    });
  }
}
