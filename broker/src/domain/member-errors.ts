import { CatalogError } from "@catalog/schema/errors";

/** The identity is not known to this Broker, or has left it. */
export class MemberUnknownError extends CatalogError {
  constructor(fingerprint: string) {
    super(
      "NOT_A_MEMBER",
      `The cluster with key fingerprint ${fingerprint} is not a member of this Broker. Enrol it with a join string.`,
      {
        fingerprint,
      },
    );
  }
}

/** The identity waits for the operator. */
export class MemberPendingError extends CatalogError {
  constructor(fingerprint: string) {
    super("MEMBER_PENDING", `The cluster with key fingerprint ${fingerprint} waits for the operator's approval.`, {
      fingerprint,
    });
  }
}

/** The operator has shut this identity out. */
export class MemberRevokedError extends CatalogError {
  constructor(fingerprint: string) {
    super(
      "MEMBER_REVOKED",
      `The operator of this Broker has revoked the cluster with key fingerprint ${fingerprint}.`,
      { fingerprint },
    );
  }
}

/** An operator's request names a fingerprint that never enrolled here. */
export class ClusterNotFoundError extends CatalogError {
  constructor(fingerprint: string) {
    super(
      "CLUSTER_NOT_FOUND",
      `No cluster with key fingerprint ${fingerprint.slice(0, 64)} has enrolled at this Broker.`,
      {
        fingerprint: fingerprint.slice(0, 64),
      },
    );
  }
}

/** A cluster that left must ask again itself. */
export class MemberNotPendingError extends CatalogError {
  constructor(fingerprint: string, status: string) {
    super(
      "FORBIDDEN",
      `The cluster with key fingerprint ${fingerprint} is ${status}, not waiting for approval. It has to enrol again itself.`,
      {
        fingerprint,
        status,
      },
    );
  }
}

/** Another identity was admitted with this cluster id first. */
export class ClusterIdTakenError extends CatalogError {
  constructor(clusterID: string) {
    super(
      "CLUSTER_ID_TAKEN",
      `The cluster id ${clusterID} belongs to another identity at this Broker. If that cluster was set up anew, its operator must revoke the old identity first.`,
      { clusterID },
    );
  }
}

/** Too many clusters wait for approval. */
export class PendingLimitError extends CatalogError {
  constructor(limit: number) {
    super(
      "LIMIT_EXCEEDED",
      `${limit} clusters wait for approval at this Broker already. Ask its operator for a join string.`,
      { limit },
    );
  }
}

/** The Broker admits with a join string only and none was shown. */
export class JoinTokenMissingError extends CatalogError {
  constructor() {
    super("JOIN_TOKEN_INVALID", "This Broker admits clusters with a join string only. Ask its operator for one.");
  }
}

/** The join string was not made by this Broker, was revoked, or its secret is wrong. */
export class JoinTokenInvalidError extends CatalogError {
  constructor() {
    super("JOIN_TOKEN_INVALID", "This join string is not valid at this Broker. Ask its operator for a new one.");
  }
}

/** The join string is older than it may be. */
export class JoinTokenExpiredError extends CatalogError {
  constructor(expiredAt: number) {
    super(
      "JOIN_TOKEN_EXPIRED",
      `This join string expired at ${new Date(expiredAt * 1000).toISOString()}. Ask the operator for a new one.`,
      {
        expiredAt,
      },
    );
  }
}

/** An operator's request names a token that was never made here. */
export class TokenNotFoundError extends CatalogError {
  constructor() {
    super("NOT_FOUND", "There is no join string or read token with this id. See joinStrings and readTokens.");
  }
}

/** Another cluster has used the join string. */
export class JoinTokenUsedError extends CatalogError {
  constructor() {
    super("JOIN_TOKEN_USED", "Another cluster has used this join string already. Ask the operator for a new one.");
  }
}

/** The answer to the challenge is not ours, not for this identity, or late. */
export class ChallengeInvalidError extends CatalogError {
  constructor(reason: string) {
    super(
      "CHALLENGE_INVALID",
      `The enrolment proof does not answer a challenge of this Broker: ${reason}. Ask for a new challenge.`,
    );
  }
}

/** The descriptor has a lower number than one this Broker has seen. */
export class DescriptorOutdatedError extends CatalogError {
  constructor(seq: number, higher: string, highestSeq: number) {
    super("DOCUMENT_OUTDATED", `The descriptor has seq ${seq}, but this Broker holds ${highestSeq}.`, {
      seq,
      highestSeq,
      higher,
    });
  }
}

/** The descriptor's number is ahead of the Broker's clock. */
export class DescriptorAheadError extends CatalogError {
  constructor(seq: number) {
    super(
      "NUMBER_AHEAD",
      `The descriptor's seq ${seq} is too far ahead of this Broker's clock; check the clocks, then retry.`,
      { seq },
    );
  }
}

/** Two different descriptors carry the same number. */
export class DescriptorEquivocationError extends CatalogError {
  constructor(seq: number, first: string) {
    super("DOCUMENT_EQUIVOCATION", `Another descriptor with seq ${seq} was seen first and stays in use.`, {
      seq,
      first,
    });
  }
}
