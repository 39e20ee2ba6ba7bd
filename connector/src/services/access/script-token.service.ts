import { CatalogError } from "@catalog/schema/errors";
import { hashToken, newToken } from "@catalog/server/auth/bearer";
import { unixSeconds } from "@catalog/server/clock";
import { randomId } from "@catalog/server/random";
import { pageOf } from "../../domain/page.js";
import { requireScriptToken, revoked, type ScriptToken, type ScriptTokenInput } from "../../domain/script-token.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { AccessUnit, ScriptTokens } from "./access-ports.js";

/** A token that was made just now, with its text. */
export interface NewScriptToken extends ScriptToken {
  readonly token: string;
}

/** Makes and revokes the tokens of scripts. Their text is told once and stored as a hash. */
export class ScriptTokenService {
  constructor(private readonly transact: Transact<AccessUnit>) {}

  /** Newest first. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
  async list(first: number, after: string | null): Promise<readonly ScriptToken[]> {
    const page = pageOf(first, after);
    return this.transact((unit) => unit.scriptTokens.list(page));
  }

  /** @throws NOT_FOUND */
  get(tokenID: string): Promise<ScriptToken> {
    return this.transact((unit) => known(unit.scriptTokens, tokenID));
  }

  /** @throws BAD_USER_INPUT */
  async create(input: ScriptTokenInput, actor: string): Promise<NewScriptToken> {
    const token = newToken();
    return this.transact(async (unit) => {
      const created = unixSeconds(unit.now);
      requireScriptToken(input, created);
      const made: ScriptToken = {
        ...input,
        tokenID: randomId(9),
        tokenHash: hashToken(token),
        created,
        createdBy: actor,
        lastUsedAt: null,
        revokedAt: null,
      };
      await unit.scriptTokens.insert(made);
      await this.tell(
        unit,
        made,
        actor,
        "created",
        `created the script token "${made.name}" with the role ${made.role}`,
      );
      return { ...made, token };
    });
  }

  /** Ends the token and its sockets and sessions. Twice = once. @throws NOT_FOUND */
  revoke(tokenID: string, actor: string): Promise<ScriptToken> {
    return this.transact(async (unit) => {
      const before = await known(unit.scriptTokens, tokenID);
      const after = revoked(before, unixSeconds(unit.now));
      if (after === before) return before;
      await unit.scriptTokens.revoke(tokenID, unixSeconds(unit.now));
      await this.tell(unit, after, actor, "revoked", `revoked the script token "${after.name}"`);
      return after;
    });
  }

  private async tell(
    unit: AccessUnit,
    { tokenID }: ScriptToken,
    actor: string,
    what: "created" | "revoked",
    message: string,
  ): Promise<void> {
    await unit.activity.add({ actor, action: `token.${what}`, subject: tokenID, message });
    unit.changed("access", tokenID);
  }
}

async function known(tokens: ScriptTokens, tokenID: string): Promise<ScriptToken> {
  const token = await tokens.find(tokenID);
  if (token === undefined) {
    throw new CatalogError("NOT_FOUND", `There is no script token ${tokenID}; scriptTokens lists them.`, { tokenID });
  }
  return token;
}
