import type { MemberItems, MemberStorage, Repositories, Work } from "../services/ports.js";
import { MemberItemsRepository } from "./member-items.repository.js";
import { MemberRepository } from "./member.repository.js";
import type { PutLimits } from "./put-documents.js";
import type { Queryable, TransactionalDatabase } from "./queryable.js";
import { SettingRepository } from "./setting.repository.js";
import { JoinTokenRepository, ReadTokenRepository } from "./token.repository.js";

/** Channel on which every process is told that a membership or a token has ended. */
export const ENDINGS_CHANNEL = "catalog_endings";

/** Membership in PostgreSQL. */
export class PostgresMemberStorage implements MemberStorage {
  readonly read: Repositories;

  constructor(
    private readonly database: TransactionalDatabase,
    private readonly limits: PutLimits,
  ) {
    this.read = repositories(database);
  }

  transact<T>(work: (work: Work) => Promise<T>): Promise<T> {
    return this.database.transaction((tx) => work(workOf(tx, new MemberItemsRepository(tx, this.limits))));
  }
}

function repositories(db: Queryable): Repositories {
  return {
    members: new MemberRepository(db),
    joinTokens: new JoinTokenRepository(db),
    readTokens: new ReadTokenRepository(db),
    settings: new SettingRepository(db),
  };
}

function workOf(tx: Queryable, items: MemberItems): Work {
  const announceEnd = async (): Promise<void> => {
    await tx.query(`SELECT pg_notify('${ENDINGS_CHANNEL}', '')`);
  };
  return { ...repositories(tx), items, announceEnd };
}
