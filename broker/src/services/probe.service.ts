import { GRAPHQL_PATH, graphqlUrl } from "@catalog/schema/endpoint";
import { CatalogError } from "@catalog/schema/errors";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { unixSeconds } from "@catalog/server/clock";

import type { MemberStorage, Now } from "./ports.js";

/** Whether a contract endpoint can be reached from where the Broker stands. */
export interface Probe {
  readonly reachable: boolean;
  readonly message: string | null;
}

/** Fetches the descriptor that a contract endpoint serves to anybody, under the rules for addresses that others announced. */
export interface DescriptorFetcher {
  fetchDescriptor(endpoint: string, tlsSpki: string | null): Promise<string>;
}

/** How often a member may probe, and how long every probe takes. */
export interface ProbePeriods {
  readonly intervalSeconds: number;
  /** Resolves after the time that every answer takes. */
  wait(): Promise<void>;
}

const UNREACHABLE =
  "Nothing at the announced contract endpoint answered with this cluster's descriptor. Check the address, the firewall and the certificate.";
const PATH_WRONG = "The announced contract endpoint must end in /graphql.";

/**
 * Tells a member whether customers can reach it. It learns yes or no and nothing else, always after the same time:
 * the Broker must not become a scanner of networks that it can see and the member cannot.
 */
export class ProbeService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly fetcher: DescriptorFetcher,
    private readonly periods: ProbePeriods,
    private readonly now: Now,
  ) {}

  /** Throws RATE_LIMITED when the last probe of this member is too recent. */
  async probe(fingerprint: string): Promise<Probe> {
    const { members } = this.storage.read;
    const member = await members.find(fingerprint);
    if (member === undefined) throw new CatalogError("NOT_A_MEMBER", "Only members may probe their contract endpoint.");
    const { intervalSeconds } = this.periods;
    if (!(await members.claimProbe(fingerprint, unixSeconds(this.now()), intervalSeconds))) {
      throw new CatalogError("RATE_LIMITED", `A contract endpoint is probed once in ${intervalSeconds} s.`, {
        retryAfter: intervalSeconds,
      });
    }
    const { clusterContractEndpoint, tlsSpki } = await verifyDescriptor(member.descriptor);
    if (new URL(graphqlUrl(clusterContractEndpoint)).pathname !== GRAPHQL_PATH)
      return { reachable: false, message: PATH_WRONG };
    const waited = this.periods.wait().then(() => false);
    const reachable = await Promise.race([waited, this.serves(clusterContractEndpoint, tlsSpki ?? null, fingerprint)]);
    await waited;
    return { reachable, message: reachable ? null : UNREACHABLE };
  }

  private async serves(endpoint: string, tlsSpki: string | null, fingerprint: string): Promise<boolean> {
    try {
      const descriptor = await verifyDescriptor(await this.fetcher.fetchDescriptor(endpoint, tlsSpki));
      return descriptor.iss === fingerprint;
    } catch (error) {
      // Whatever failed, the answer is the same no; anything that is not a refusal of ours is a fault of this Broker.
      if (error instanceof CatalogError) return false;
      throw error;
    }
  }
}
