import { CatalogError } from "@catalog/schema/errors";
import { InputInvalidError } from "@catalog/schema/problem";

/** The longest page of any list. */
export const PAGE_LIMIT = 200;

/** A page of a list: at most `first` entries after the one whose key is `after`. */
export interface Page {
  readonly first: number;
  readonly after: string | null;
}

/** Reads the arguments of a list. @throws LIMIT_EXCEEDED for a page that is too long, BAD_USER_INPUT for an empty one or an impossible key. */
export function pageOf(first: number, after: string | null | undefined): Page {
  if (first > PAGE_LIMIT) {
    throw new CatalogError(
      "LIMIT_EXCEEDED",
      `A page has at most ${PAGE_LIMIT} entries, not ${first}; read on with after.`,
      { limit: PAGE_LIMIT },
    );
  }
  const problems = [
    ...(first < 1 ? [{ path: "first", message: `must be 1 to ${PAGE_LIMIT}` }] : []),
    ...(after?.includes("\0") ? [{ path: "after", message: "is not a key of this list" }] : []),
  ];
  if (problems.length > 0) throw new InputInvalidError(problems);
  return { first, after: after ?? null };
}
