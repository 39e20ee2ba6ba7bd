import { peekJws, TYP } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import { bearerToken, matchesHash, matchesToken } from "@catalog/server/auth/bearer";
import { ProofAuthenticator, type ProofPolicy } from "@catalog/server/auth/proof-authenticator";
import type { MachinePrincipal } from "@catalog/server/auth/principal";
import type { SeenProofs } from "@catalog/server/auth/seen-proofs";
import type { SessionService } from "@catalog/server/auth/sessions/session.service";
import { unixSeconds, type Clock } from "@catalog/server/clock";
import type { AuthenticationRequest } from "@catalog/server/graphql/listener-options";

import { MemberUnknownError } from "../domain/member-errors.js";
import type { Member } from "../domain/member.js";
import { standing, type ApplicantViewer, type OperatorViewer, type Viewer } from "../domain/viewer.js";
import type { TokenService } from "../services/token.service.js";
import { asksToEnrol } from "./enrolment-request.js";
import type { MemberKeys } from "./member-keys.js";

/** Facts about the receiver that every proof is held against. */
export interface ProofSetting {
  /** The Broker's fingerprint. */
  readonly fingerprint: string;
  /** Path of the announced address, where a proxy in front serves it under another one than this process. */
  readonly announcedPath: string;
  /** Whether a proof made at `iat` must be refused at `now` (Unix s), because the database may have forgotten that it was used. */
  refusesProof(iat: number, now: number): boolean;
  /** Counts an enrolment; returns 0 if it may go on, else the seconds after which the next one may. */
  takeEnrolment(): number;
  readonly seen: SeenProofs;
  readonly clock: Clock;
}

/** Says who asks: a cluster by its request proof, the operator or a reader by a token, or nobody. */
export class BrokerAuthenticator {
  private readonly proofs: ProofAuthenticator;
  /** Who the sender of a request was found to be, so that members are looked up once. */
  private readonly admitted = new WeakMap<AuthenticationRequest, Viewer>();

  constructor(
    private readonly keys: MemberKeys,
    private readonly tokens: TokenService,
    private readonly operator: { readonly tokenHash: string; readonly sessions: SessionService },
    private readonly setting: ProofSetting,
  ) {
    const policy: ProofPolicy = {
      fingerprint: setting.fingerprint,
      announcedPath: () => setting.announcedPath,
      keyOf: (kid, iss) => keys.keyOf(kid, iss),
      admit: (principal, request) => this.admit(principal, request),
    };
    this.proofs = new ProofAuthenticator(policy, setting.seen, setting.clock);
  }

  /** Throws UNAUTHENTICATED for a token that opens nothing, and PROOF_*, CLOCK_SKEW, NOT_A_MEMBER, MEMBER_* for a proof that does not count. */
  async authenticate(request: AuthenticationRequest): Promise<Viewer> {
    if (ProofAuthenticator.isPresent(request)) return this.machine(request);
    const token = bearerToken(request);
    if (token !== undefined) return this.bearer(token);
    if (request.headers.authorization !== undefined || request.connectionParams?.["authorization"] !== undefined) {
      throw new CatalogError("UNAUTHENTICATED", 'Authorization must be "Catalog <proof>" or "Bearer <token>".');
    }
    return (await this.session(request)) ?? { kind: "ANONYMOUS" };
  }

  /** Whether the token with this hash opens a session. */
  opensSession(tokenHash: string): boolean {
    return matchesHash(tokenHash, this.operator.tokenHash);
  }

  private async session(request: AuthenticationRequest): Promise<OperatorViewer | undefined> {
    const session = await this.operator.sessions.find(request);
    if (session === undefined) return undefined;
    if (!this.opensSession(session.tokenHash)) {
      throw new CatalogError("UNAUTHENTICATED", "The admin token has been replaced since; sign in again.");
    }
    return { kind: "OPERATOR", sessionID: session.idHash, expiresAt: session.expiresAt };
  }

  private async machine(request: AuthenticationRequest): Promise<Viewer> {
    const { fingerprint } = await this.prove(request);
    return this.admitted.get(request) ?? applicant(fingerprint, undefined);
  }

  private async prove(request: AuthenticationRequest): Promise<MachinePrincipal> {
    try {
      return await this.proofs.authenticate(request);
    } catch (error) {
      const claimed =
        error instanceof CatalogError && error.code === "PROOF_KEY_UNKNOWN" ? claimedIssuer(request) : undefined;
      if (claimed === undefined || (await this.keys.find(claimed)) !== undefined) throw error;
      throw new MemberUnknownError(claimed);
    }
  }

  private async bearer(token: string): Promise<Viewer> {
    if (matchesToken(token, this.operator.tokenHash)) return { kind: "OPERATOR" };
    const reader = await this.tokens.findReader(token);
    if (reader === undefined) {
      throw new CatalogError(
        "UNAUTHENTICATED",
        "The token is not the admin token of this Broker, nor a read token that is still valid.",
      );
    }
    return { kind: "READER", tokenID: reader.tokenID, name: reader.name, expiresAt: reader.expiresAt };
  }

  /** Whoever is not a member comes in to enrol and for nothing else, so that strangers cannot fill the memory of used proofs. */
  private async admit({ fingerprint }: MachinePrincipal, request: AuthenticationRequest): Promise<void> {
    this.refuseOldProof(request);
    const member = await this.keys.find(fingerprint);
    this.admitted.set(request, viewerOf(fingerprint, member));
    if (member?.status === "ADMITTED") return;
    if (request.transport === "ws" || !asksToEnrol(request.rawBody)) throw standing(applicant(fingerprint, member));
    const retryAfter = Math.ceil(this.setting.takeEnrolment());
    if (retryAfter > 0)
      throw new CatalogError("RATE_LIMITED", "Many clusters are enrolling at this moment; try again shortly.", {
        retryAfter,
      });
  }

  /** A database that went back may have forgotten which proofs were used. */
  private refuseOldProof(request: AuthenticationRequest): void {
    const { iat } = claimOf(request);
    const serverTime = unixSeconds(this.setting.clock.now());
    if (typeof iat === "number" && !this.setting.refusesProof(iat, serverTime)) return;
    throw new CatalogError(
      "CLOCK_SKEW",
      "The Broker's database has just begun anew; sign a new proof by the time of this Broker.",
      { serverTime },
    );
  }
}

function viewerOf(fingerprint: string, member: Member | undefined): Viewer {
  if (member?.status !== "ADMITTED") return applicant(fingerprint, member);
  return { kind: "MEMBER", fingerprint, clusterID: member.clusterID, status: "ADMITTED" };
}

function applicant(fingerprint: string, member: Member | undefined): ApplicantViewer {
  return {
    kind: "APPLICANT",
    fingerprint,
    status: member === undefined || member.status === "ADMITTED" ? null : member.status,
  };
}

function claimedIssuer(request: AuthenticationRequest): string | undefined {
  const { iss } = claimOf(request);
  const isIntroduced =
    request.headers["catalog-descriptor"] !== undefined || request.connectionParams?.["descriptor"] !== undefined;
  return typeof iss === "string" && !isIntroduced ? iss : undefined;
}

/** What the proof claims; only asked for once it could be read. */
function claimOf(request: AuthenticationRequest): { readonly iss?: unknown; readonly iat?: unknown } {
  const jws = request.connectionParams?.["proof"] ?? request.headers.authorization?.replace(/^Catalog +/i, "");
  return typeof jws === "string" ? peekJws<{ iss?: unknown; iat?: unknown }>(jws, TYP.request).payload : {};
}
