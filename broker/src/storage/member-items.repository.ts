import { digest } from "@catalog/schema/documents/jws";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";

import { clusterItem } from "../domain/item-document.js";
import type { Member } from "../domain/member.js";
import { refusalOf } from "../domain/publication.js";
import type { MemberItems } from "../services/ports.js";
import { changeItems, FEED_CHANNEL, LOCK_HEAD } from "./feed-sql.js";
import { putDocuments, type PutLimits } from "./put-documents.js";
import type { Queryable } from "./queryable.js";

const REMOVE_MEMBER = changeItems("i.fingerprint = $1 AND NOT i.removed", "removed = true", "REMOVE");

/** Admission and its end as changes of the catalog, in the transaction that decides about them. */
export class MemberItemsRepository implements MemberItems {
  constructor(
    private readonly tx: Queryable,
    private readonly limits: PutLimits,
  ) {}

  /** Lists a member's CLUSTER item, again if it was removed or stale. Throws DOCUMENT_OUTDATED, DOCUMENT_EQUIVOCATION or NUMBER_AHEAD. */
  async upsertCluster(member: Pick<Member, "descriptor" | "fingerprint">): Promise<void> {
    const signed = { jws: member.descriptor, digest: await digest(member.descriptor) };
    const item = clusterItem(await verifyDescriptor(member.descriptor), signed);
    await this.tx.query(LOCK_HEAD);
    const { judgements, head } = await putDocuments(
      (sql, parameters) => this.tx.query(sql, parameters),
      [item],
      this.limits,
    );
    for (const judgement of judgements) {
      const error = refusalOf(judgement, `The descriptor of ${member.fingerprint}`);
      if (error !== undefined) throw error;
    }
    if (head !== null) await notify(this.tx, head);
  }

  /** Removes the cluster and all of its offers from the catalog. */
  async removeMember(fingerprint: string): Promise<void> {
    await this.tx.query(LOCK_HEAD);
    const [row] = await this.tx.query<{ head: string }>(REMOVE_MEMBER, [fingerprint]);
    if (row !== undefined) await notify(this.tx, row.head);
  }
}

/** Wakes every tail once the transaction has committed. */
export async function notify(tx: Queryable, head: string): Promise<void> {
  await tx.query("SELECT pg_notify($1, $2)", [FEED_CHANNEL, head]);
}
