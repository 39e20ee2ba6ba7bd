import { CatalogError } from "@catalog/schema/errors";
import type { OfferOrder, SortKeys } from "@catalog/schema/offer-order";

/** The place of an offer in a sorted list. `key` holds the sort keys of the order as text, most significant first. */
export interface OfferPlace {
  readonly key: readonly string[];
  readonly fingerprint: string;
  readonly offerID: string;
}

/** The list that a place belongs to: a cursor of another list is refused. `filterHash` is any fixed text per filter. */
export interface OfferListing {
  readonly order: OfferOrder;
  readonly filterHash: string;
}

const INTEGER = /^\d{1,40}$/;

/** Opaque text for a place. */
export function writeCursor(listing: OfferListing, place: OfferPlace): string {
  const fields = [listing.order, listing.filterHash, place.key, place.fingerprint, place.offerID];
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** Reads what {@link writeCursor} wrote for this listing. Throws CURSOR_INVALID for anything else. */
export function readCursor(listing: OfferListing, cursor: string): OfferPlace {
  const fields = parse(cursor);
  const [order, filterHash, key, fingerprint, offerID] = fields;
  if (order !== listing.order || filterHash !== listing.filterHash) throw invalid();
  if (
    !isKey(key, listing.order) ||
    typeof fingerprint !== "string" ||
    typeof offerID !== "string" ||
    fields.length !== 5
  )
    throw invalid();
  if (fields.flat().some((field) => typeof field === "string" && field.includes("\0"))) throw invalid();
  return { key, fingerprint, offerID };
}

/** The sort keys of an order as a cursor carries them. */
export function keyOf(order: OfferOrder, keys: SortKeys): readonly string[] {
  switch (order) {
    case "NAME_ASC":
    case "NAME_DESC":
      return [keys.name];
    case "COST_ASC":
    case "COST_DESC":
      return [keys.currency, String(keys.monthlyCost)];
    case "CREATED_ASC":
    case "CREATED_DESC":
      return [String(keys.created)];
    case "AVAILABLE_DESC":
      return [String(keys.available)];
  }
}

function isKey(key: unknown, order: OfferOrder): key is readonly string[] {
  const shape = keyOf(order, { name: "", currency: "", monthlyCost: 0n, created: 0, available: 0 });
  if (!Array.isArray(key) || key.length !== shape.length) return false;
  return shape.every((sample, i) => {
    const value: unknown = key[i];
    return typeof value === "string" && (sample === "" || INTEGER.test(value));
  });
}

function parse(cursor: string): readonly unknown[] {
  try {
    const fields: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(fields)) return fields;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid();
}

function invalid(): CatalogError {
  return new CatalogError(
    "CURSOR_INVALID",
    "The cursor was not made for this list. Read from the start, or repeat filter and order of the first page.",
  );
}
