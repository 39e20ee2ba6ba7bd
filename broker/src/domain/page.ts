import { CatalogError } from "@catalog/schema/errors";
import { InputInvalidError } from "@catalog/schema/problem";

/** The longest page of any list. */
export const PAGE_LIMIT = 200;

/** A page of a list: at most `first` rows after the one whose key is `after`. */
export interface Page {
  readonly first: number;
  readonly after: string | null;
}

/** Throws LIMIT_EXCEEDED for a page that is too long, BAD_USER_INPUT for an empty one or a key that cannot be one. */
export function pageOf(first: number, after: string | null | undefined): Page {
  if (first > PAGE_LIMIT) {
    throw new CatalogError(
      "LIMIT_EXCEEDED",
      `A page holds at most ${PAGE_LIMIT} entries; first was ${first}. Use after to read on.`,
      {
        limit: PAGE_LIMIT,
      },
    );
  }
  if (first < 1) throw new InputInvalidError([{ path: "first", message: `must be 1 to ${PAGE_LIMIT}` }]);
  if (after?.includes("\0")) throw new InputInvalidError([{ path: "after", message: "is not an id" }]);
  return { first, after: after ?? null };
}
