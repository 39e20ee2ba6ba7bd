import { formatJoinString } from "@catalog/schema/documents/join-string";
import { InputInvalidError } from "@catalog/schema/problem";

import { isTokenID } from "../domain/identifiers.js";
import type { JoinToken } from "../domain/join-token.js";
import { TokenNotFoundError } from "../domain/member-errors.js";
import { isLive, type ReadToken } from "../domain/read-token.js";
import { pageOf } from "../domain/page.js";
import type { MemberStorage, Now } from "./ports.js";
import { hashSecret, hasSecret, newSecret, newTokenID } from "./secrets.js";

/** What a join string says of its Broker. */
export interface JoinAddress {
  readonly brokerUrl: string;
  readonly fingerprint: string;
  readonly kid: string;
  readonly spki: string | null;
  /** Seconds for which a join string can be used first. */
  readonly lifetimeSeconds: number;
}

const NAME_LIMIT = 100;
/** Older ones have been used, have ended, or change too seldom to be looked at all the time. */
const WATCHED = 1_000;

/** Makes and revokes join strings and read tokens. Secrets are told once and stored as hashes. */
export class TokenService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly address: JoinAddress,
    private readonly now: Now,
  ) {}

  /** A new join string for one cluster, with its text. */
  async createJoinString(name: string | null): Promise<JoinToken & { readonly join: string }> {
    requireName(name);
    const created = this.seconds();
    const secret = newSecret();
    const token: JoinToken = {
      tokenID: newTokenID(),
      name,
      secretHash: hashSecret(secret),
      created,
      expiresAt: created + this.address.lifetimeSeconds,
      usedBy: null,
      usedAt: null,
      revokedAt: null,
    };
    await this.storage.read.joinTokens.insert(token);
    const { brokerUrl, fingerprint, kid, spki } = this.address;
    const join = formatJoinString({
      brokerUrl,
      fingerprint,
      tokenId: token.tokenID,
      secret,
      ...(kid === fingerprint ? {} : { kid }),
      ...(spki === null ? {} : { spki }),
    });
    return { ...token, join };
  }

  /** A new read token with its text, `<tokenID>.<secret>`. Throws BAD_USER_INPUT for a date in the past. */
  async createReadToken(
    name: string | null,
    expiresAt: number | null,
  ): Promise<ReadToken & { readonly token: string }> {
    requireName(name);
    const created = this.seconds();
    if (expiresAt !== null && expiresAt <= created) {
      throw new InputInvalidError([{ path: "expiresAt", message: "must be in the future (Unix seconds)" }]);
    }
    const secret = newSecret();
    const token: ReadToken = {
      tokenID: newTokenID(),
      name,
      secretHash: hashSecret(secret),
      created,
      expiresAt,
      revokedAt: null,
    };
    await this.storage.read.readTokens.insert(token);
    return { ...token, token: `${token.tokenID}.${secret}` };
  }

  /** Join strings, newest first. */
  joinStrings(first: number, after: string | null): Promise<JoinToken[]> {
    return this.storage.read.joinTokens.list(pageOf(first, after));
  }

  /** As many of the newest join strings as are watched live. */
  newestJoinStrings(): Promise<readonly JoinToken[]> {
    return this.storage.read.joinTokens.list({ first: WATCHED, after: null });
  }

  /** As many of the newest read tokens as are watched live. */
  newestReadTokens(): Promise<readonly ReadToken[]> {
    return this.storage.read.readTokens.list({ first: WATCHED, after: null });
  }

  /** Read tokens, newest first. */
  readTokens(first: number, after: string | null): Promise<ReadToken[]> {
    return this.storage.read.readTokens.list(pageOf(first, after));
  }

  /** Ends a read token (its sockets close) or an unused join string. Throws NOT_FOUND for an unknown id. */
  async revoke(tokenID: string): Promise<boolean> {
    if (!isTokenID(tokenID)) throw new TokenNotFoundError();
    return this.storage.transact(async (work) => {
      const now = this.seconds();
      const isKnown = (await work.readTokens.revoke(tokenID, now)) || (await work.joinTokens.revoke(tokenID, now));
      if (!isKnown) throw new TokenNotFoundError();
      await work.announceEnd();
      return true;
    });
  }

  /** The live read token behind `text`, or undefined for anything else. */
  async findReader(text: string): Promise<ReadToken | undefined> {
    const [tokenID, secret, ...rest] = text.split(".");
    if (tokenID === undefined || !isTokenID(tokenID) || secret === undefined || rest.length > 0) return undefined;
    const token = await this.storage.read.readTokens.find(tokenID);
    if (token === undefined || !hasSecret(token.secretHash, secret) || !isLive(token, this.seconds())) return undefined;
    return token;
  }

  private seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

function requireName(name: string | null): void {
  if (name !== null && (name.trim() === "" || name.length > NAME_LIMIT || /\p{C}/u.test(name))) {
    throw new InputInvalidError([
      { path: "name", message: `must have 1 to ${NAME_LIMIT} printable characters, or be left out` },
    ]);
  }
}
