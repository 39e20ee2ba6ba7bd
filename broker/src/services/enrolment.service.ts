import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { CatalogError } from "@catalog/schema/errors";

import { requireFingerprint } from "../domain/identifiers.js";
import { spent } from "../domain/join-token.js";
import {
  DescriptorAheadError,
  DescriptorEquivocationError,
  DescriptorOutdatedError,
  JoinTokenInvalidError,
  PendingLimitError,
} from "../domain/member-errors.js";
import {
  enrolled,
  enrolmentStatus,
  requireFreeClusterId,
  type ClusterClaim,
  type EnrolmentMode,
  type Member,
} from "../domain/member.js";
import type { EnrolmentAnswers, ShownToken } from "./enrolment-answers.js";
import type { EnrolmentDefaults, MemberStorage, Now, Work } from "./ports.js";
import { hasSecret } from "./secrets.js";

/** What a cluster sends to join. `proof` answers a challenge; `token` is the join string's secret, encrypted to this Broker. */
export interface EnrolInput {
  readonly descriptor: string;
  readonly proof: string;
  readonly token: string | null;
}

/** Where the cluster stands after enrolling. */
export interface Enrolment {
  readonly status: "PENDING" | "ADMITTED";
  readonly fingerprint: string;
  readonly clusterID: string;
}

/** Lets clusters into the Broker. */
export class EnrolmentService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly answers: EnrolmentAnswers,
    private readonly defaults: EnrolmentDefaults,
    private readonly now: Now,
  ) {}

  /** A signed challenge for `fingerprint`, good for a minute. Nothing is stored. Throws BAD_USER_INPUT for what is no fingerprint. */
  async challenge(fingerprint: string): Promise<string> {
    requireFingerprint(fingerprint);
    return this.answers.challenge(fingerprint);
  }

  /**
   * Enrols `fingerprint`, the identity of the request proof. A repeat gives the same answer.
   * Throws CHALLENGE_INVALID, JOIN_TOKEN_*, CLUSTER_ID_TAKEN, MEMBER_REVOKED, NUMBER_AHEAD, DOCUMENT_OUTDATED, DOCUMENT_EQUIVOCATION or LIMIT_EXCEEDED; then nothing has changed.
   */
  async enrol(fingerprint: string, input: EnrolInput): Promise<Enrolment> {
    const claim = await claimOf(fingerprint, input.descriptor);
    if (claim.seq > this.now().getTime() + this.defaults.aheadMs) throw new DescriptorAheadError(claim.seq);
    const nonce = await this.answers.checkProof(input, fingerprint);
    const shown = input.token === null ? null : await this.answers.openToken(input.token, fingerprint, nonce);
    const member = await this.storage.transact((work) => this.admit(work, claim, shown));
    return {
      status: member.status === "ADMITTED" ? "ADMITTED" : "PENDING",
      fingerprint: member.fingerprint,
      clusterID: member.clusterID,
    };
  }

  /** The mode in force. */
  async mode(): Promise<EnrolmentMode> {
    return modeOf(await this.storage.read.settings.get("enrolmentMode"), this.defaults.mode);
  }

  /** Changes the mode for every replica, from the next enrolment on. Members stay members. */
  async setMode(mode: EnrolmentMode): Promise<EnrolmentMode> {
    await this.storage.read.settings.set("enrolmentMode", mode);
    return mode;
  }

  private async admit(work: Work, claim: ClusterClaim, shown: ShownToken | null): Promise<Member> {
    const now = seconds(this.now());
    const before = await work.members.lock(claim.fingerprint);
    if (shown !== null) await spend(work, shown, claim.fingerprint, now);
    const mode = modeOf(await work.settings.get("enrolmentMode"), this.defaults.mode);
    const status = enrolmentStatus(before, mode, shown !== null);
    const after = enrolled(before, newest(before, claim), status, now);
    if (before?.status === "PENDING" && isSame(before, after)) return before;
    if (status === "PENDING" && before?.status !== "PENDING") await this.makeRoom(work, now);
    if (status === "ADMITTED") requireFreeClusterId(after, await work.members.holderOf(after.clusterID));
    await work.members.save(after);
    if (status === "ADMITTED") await work.items.upsertCluster(after);
    return after;
  }

  private async makeRoom(work: Work, now: number): Promise<void> {
    await work.members.deletePending(now - this.defaults.pendingSeconds);
    if ((await work.members.countPending()) >= this.defaults.pendingLimit)
      throw new PendingLimitError(this.defaults.pendingLimit);
  }
}

async function claimOf(fingerprint: string, jws: string): Promise<ClusterClaim> {
  const descriptor = await verifyDescriptor(jws);
  if (descriptor.iss !== fingerprint) {
    throw new CatalogError("PROOF_INVALID", "The descriptor and the request proof are of different identities.");
  }
  const { clusterID, clusterName, clusterPrettyName, seq } = descriptor;
  return { fingerprint, clusterID, clusterName, clusterPrettyName, descriptor: jws, seq };
}

async function spend(work: Work, shown: ShownToken, fingerprint: string, now: number): Promise<void> {
  const token = await work.joinTokens.lock(shown.tokenID);
  if (token === undefined || !hasSecret(token.secretHash, shown.secret)) throw new JoinTokenInvalidError();
  const after = spent(token, fingerprint, now);
  if (after !== token) await work.joinTokens.save(after);
}

function newest(before: Member | undefined, claim: ClusterClaim): ClusterClaim {
  if (before === undefined || claim.seq > before.seq || claim.descriptor === before.descriptor) return claim;
  if (claim.seq < before.seq) throw new DescriptorOutdatedError(claim.seq, before.descriptor, before.seq);
  throw new DescriptorEquivocationError(claim.seq, before.descriptor);
}

function isSame(before: Member, after: Member): boolean {
  return before.status === after.status && before.descriptor === after.descriptor;
}

function modeOf(stored: string | undefined, fallback: EnrolmentMode): EnrolmentMode {
  return stored === "TOKEN" || stored === "APPROVAL" || stored === "OPEN" ? stored : fallback;
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
