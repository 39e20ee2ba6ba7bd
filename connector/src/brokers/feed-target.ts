import type { CheckedEndpoint, EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import type { MachineClient } from "@catalog/server/outgoing/machine-client";
import { PinnedAgent, type PinOptions } from "@catalog/server/outgoing/pinned-agent";
import { graphqlUrl } from "@catalog/schema/endpoint";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import type { ClientRequestArgs } from "node:http";
import type { ConnectionOptions } from "node:tls";
import type { ClientOptions } from "ws";
import type { BrokerAddress } from "../services/brokers/broker-ports.js";
import type { FeedTarget } from "./feed-connection.js";

/** Prepares connections to Brokers: the rules for outgoing calls, the pinned TLS key, and a fresh proof for each. */
export class FeedTargets {
  private readonly agent = new PinnedAgent({ keepAlive: false });

  constructor(
    private readonly guard: EndpointGuard,
    private readonly client: MachineClient,
    private readonly descriptor: () => Promise<string>,
  ) {}

  /** @throws EndpointRefusedError, PEER_UNREACHABLE */
  async to(address: BrokerAddress, since: string | null): Promise<FeedTarget> {
    const endpoint = await this.guard.check(graphqlUrl(address.brokerEndpoint), true);
    return {
      url: endpoint.url.href.replace(/^http/, "ws"),
      since,
      connectionParams: async () => ({
        proof: await this.client.socketProof(address.brokerID),
        descriptor: await this.descriptor(),
      }),
      socketOptions: this.socketOptions(endpoint, address.tlsSpki),
    };
  }

  private socketOptions(
    endpoint: CheckedEndpoint,
    tlsSpki: string | null,
  ): ClientOptions & ClientRequestArgs & PinOptions & ConnectionOptions {
    const common = { lookup: onlyTo(endpoint.addresses) };
    if (endpoint.url.protocol === "http:") return common;
    const servername = isIP(endpoint.host) === 0 ? endpoint.host : "";
    return { ...common, agent: this.agent, servername, ...(tlsSpki === null ? {} : { pinnedSpki: tlsSpki }) };
  }
}

/** Resolves to the addresses that have been checked, whatever the name resolves to by now. */
function onlyTo(addresses: readonly string[]): LookupFunction {
  return (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all === true) return done(null, found);
    return done(null, found[0]?.address ?? "", found[0]?.family);
  };
}
