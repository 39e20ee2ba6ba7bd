import type { EnrolmentMode, Member, MemberStatus } from "../domain/member.js";
import type { JoinToken } from "../domain/join-token.js";
import type { Page } from "../domain/page.js";
import type { ReadToken } from "../domain/read-token.js";

/** The clock of this process. */
export type Now = () => Date;

/** Every cluster that ever asked to join. */
export interface Members {
  find(fingerprint: string): Promise<Member | undefined>;
  /** Like `find`, and nobody else decides about this fingerprint until the transaction ends. */
  lock(fingerprint: string): Promise<Member | undefined>;
  /** The identity that holds a cluster id, if one does. Nobody else can take the id until the transaction ends. */
  holderOf(clusterID: string): Promise<string | undefined>;
  /** Throws CLUSTER_ID_TAKEN when another identity holds the cluster id. */
  save(member: Member): Promise<void>;
  /** Counts those that wait; no other can join them until the transaction ends. */
  countPending(): Promise<number>;
  /** Forgets those that have waited since before `before` (Unix s). */
  deletePending(before: number): Promise<void>;
  countByStatus(): Promise<Readonly<Record<MemberStatus, number>>>;
  /** Those of the given fingerprints that are admitted now. */
  admittedAmong(fingerprints: readonly string[]): Promise<ReadonlySet<string>>;
  /** Notes a probe at `now` (Unix s); false when the last one is less than `interval` seconds ago. */
  claimProbe(fingerprint: string, now: number, interval: number): Promise<boolean>;
}

/** Join strings, their secrets hashed. */
export interface JoinTokens {
  lock(tokenID: string): Promise<JoinToken | undefined>;
  insert(token: JoinToken): Promise<void>;
  save(token: JoinToken): Promise<void>;
  /** Newest first. */
  list(page: Page): Promise<JoinToken[]>;
  /** Marks it revoked; false for an unknown id. Twice = once. */
  revoke(tokenID: string, now: number): Promise<boolean>;
}

/** Read tokens, their secrets hashed. */
export interface ReadTokens {
  find(tokenID: string): Promise<ReadToken | undefined>;
  insert(token: ReadToken): Promise<void>;
  /** Newest first. */
  list(page: Page): Promise<ReadToken[]>;
  /** Marks it revoked; false for an unknown id. Twice = once. */
  revoke(tokenID: string, now: number): Promise<boolean>;
  /** Those of the given ids that open something at `now` (Unix s). */
  liveAmong(tokenIDs: readonly string[], now: number): Promise<ReadonlySet<string>>;
}

/** Values that all replicas of a Broker share and that change at run time. */
export interface Settings {
  get(name: SettingName): Promise<string | undefined>;
  /** Like `get`, and nobody else changes the setting until the transaction ends. */
  lock(name: SettingName): Promise<string | undefined>;
  set(name: SettingName, value: string): Promise<void>;
}
export type SettingName = "enrolmentMode" | "identity" | "descriptor";

/** What admission and its end do to the catalog, with its revisions, in the same transaction. */
export interface MemberItems {
  upsertCluster(member: Member): Promise<void>;
  removeMember(fingerprint: string): Promise<void>;
}

/** The repositories, bound to one transaction or to none. */
export interface Repositories {
  readonly members: Members;
  readonly joinTokens: JoinTokens;
  readonly readTokens: ReadTokens;
  readonly settings: Settings;
}

/** The repositories inside a transaction, where the catalog may change too. */
export interface Work extends Repositories {
  readonly items: MemberItems;
  /** Wakes the socket guard of every replica once the transaction is committed. */
  announceEnd(): Promise<void>;
}

/** Storage of everything about membership. */
export interface MemberStorage {
  /** Each statement on its own; for reads. */
  readonly read: Repositories;
  transact<T>(work: (work: Work) => Promise<T>): Promise<T>;
}

/** How a Broker admits, before its operator has chosen another mode. */
export interface EnrolmentDefaults {
  readonly mode: EnrolmentMode;
  /** Most clusters that may wait for approval. */
  readonly pendingLimit: number;
  /** Seconds after which a request for approval is forgotten. */
  readonly pendingSeconds: number;
  /** How far the number of a descriptor may be ahead of the clock, in ms. */
  readonly aheadMs: number;
}
