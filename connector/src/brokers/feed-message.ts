import type { FeedChange, FeedEvent, FeedEventType } from "@catalog/schema/feed";

const TYPES: readonly FeedEventType[] = ["RESET", "ITEMS", "SYNCED", "HEARTBEAT"];
const FINGERPRINT = /^[A-Za-z0-9_-]{43}$/;
/** Ids are short, printable and of one line, whatever a Broker sends. */
const ID = /^[^\p{Cc}\p{Cs}]{1,253}$/u;
const MAX_CURSOR = 4_096;
const MAX_CHANGES = 10_000;

/** A feed message as far as it can be trusted to have its shape. */
export interface ReadMessage {
  readonly event: FeedEvent;
  /** Changes that had to be left out because they are not of the agreed shape. */
  readonly malformed: number;
}

/** Reads one message of a Broker, of which nothing is taken for granted. Undefined if it is no feed message at all. */
export function readFeedMessage(data: unknown): ReadMessage | undefined {
  if (!isObject(data) || !isObject(data["catalog"])) return undefined;
  const { type, cursor, changes } = data["catalog"];
  if (
    !isType(type) ||
    typeof cursor !== "string" ||
    cursor === "" ||
    cursor.length > MAX_CURSOR ||
    cursor.includes("\0")
  )
    return undefined;
  if (!Array.isArray(changes) || changes.length > MAX_CHANGES) return undefined;
  const read = changes.flatMap((change: unknown) => (isChange(change) ? [change] : []));
  return { event: { type, cursor, changes: read }, malformed: changes.length - read.length };
}

function isType(value: unknown): value is FeedEventType {
  return TYPES.some((type) => type === value);
}

function isChange(value: unknown): value is FeedChange {
  if (!isObject(value)) return false;
  const { revision, op, kind, fingerprint, clusterID, offerID, staleSince, jws } = value;
  return (
    Number.isSafeInteger(revision) &&
    (op === "UPSERT" || op === "REMOVE") &&
    typeof fingerprint === "string" &&
    FINGERPRINT.test(fingerprint) &&
    typeof clusterID === "string" &&
    (kind === "CLUSTER" ? offerID === null : kind === "OFFER" && typeof offerID === "string" && ID.test(offerID)) &&
    (staleSince === null || (Number.isSafeInteger(staleSince) && Number(staleSince) >= 0)) &&
    (jws === null || typeof jws === "string")
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
