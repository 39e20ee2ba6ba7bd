import type { MemberStatus } from "../domain/member.js";
import type { Page } from "../domain/page.js";
import type { ListedCluster } from "./catalog.service.js";

/** A cluster with how it is doing. Times are Unix seconds. */
export interface WatchedMember {
  readonly cluster: ListedCluster;
  /** Offers that it lists. */
  readonly offers: number;
  /** Connections that it has to all replicas. */
  readonly sockets: number;
  /** Last time that one of them was known to live; null if none ever did, or too long ago. */
  readonly lastSeen: number | null;
}

/** Two documents with the same number, signed by one identity. */
export interface SeenEquivocation {
  readonly equivocationID: string;
  readonly fingerprint: string;
  readonly kind: "CLUSTER" | "OFFER";
  /** Null for a cluster. */
  readonly offerID: string | null;
  readonly number: number;
  /** The one that stays in use. */
  readonly first: string;
  readonly second: string;
  readonly seenAt: number;
}

/** What the change log says of itself. */
export interface LogFigures {
  readonly head: number;
  readonly horizon: number;
  readonly epoch: string;
  readonly epochBegan: number;
  /** Changes in the last minute. */
  readonly changesLastMinute: number;
  readonly clusters: number;
  readonly offers: number;
}

/** Which members are asked for. */
export interface MemberSelection {
  readonly status: MemberStatus | null;
  /** Part of a name, cluster id or fingerprint, in any case. */
  readonly text: string | null;
}

/** The Broker as its operator sees it, read only. */
export interface ConsoleReader {
  /** By fingerprint. */
  members(selection: MemberSelection, page: Page): Promise<readonly WatchedMember[]>;
  /** Those of the given fingerprints. */
  membersAmong(fingerprints: readonly string[]): Promise<readonly WatchedMember[]>;
  /** What identifies the present state of each member: equal text, nothing to show anew. */
  states(): Promise<ReadonlyMap<string, string>>;
  /** Newest first. */
  equivocations(page: Page): Promise<readonly SeenEquivocation[]>;
  figures(): Promise<LogFigures>;
}

/** What only this process knows of those that follow the feed. */
export interface FollowerFigures {
  readonly subscribers: number;
  readonly groups: number;
  readonly memberSockets: number;
  /** Documents that wait to be written. */
  readonly waitingDocuments: number;
  /** Changes that each subscriber has not been sent yet; with its fingerprint if it is a member. */
  readonly behind: readonly { readonly fingerprint: string | null; readonly changes: number }[];
}
