import type { Snippet } from "svelte";

/** One column of a DataTable. */
export interface Column<T> {
  readonly key: string;
  readonly title: string;
  readonly cell: Snippet<[T]>;
  /** Order by this column; without it the header does not sort. */
  readonly compare?: (a: T, b: T) => number;
  /** The header sorts, and whoever gives the rows has them in that order. */
  readonly isSortedElsewhere?: boolean;
  readonly isNumber?: boolean;
  /** Not shown on screens narrower than this. */
  readonly from?: "sm" | "md" | "lg" | "xl" | "2xl";
}

/** Which column sorts, and which way. */
export interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

/** Hides a column on screens that are narrower than its `from`. */
export const FROM = {
  sm: "max-sm:hidden",
  md: "max-md:hidden",
  lg: "max-lg:hidden",
  xl: "max-xl:hidden",
  "2xl": "max-2xl:hidden",
} as const;

/** The rows in the order of a column; as they come where the column does not sort. */
export function sorted<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sorting: Sorting | undefined,
): readonly T[] {
  const compare = columns.find(({ key }) => key === sorting?.key)?.compare;
  if (compare === undefined) return rows;
  return rows.toSorted(sorting?.isDescending === true ? (a, b) => compare(b, a) : compare);
}

/** Which rows of `count` to render so that what is seen, and `spare` rows around it, is there. */
export function windowOf(
  count: number,
  rowHeight: number,
  scrollTop: number,
  viewHeight: number,
  spare = 12,
): { first: number; end: number } {
  const top = Math.max(0, Math.min(scrollTop, count * rowHeight - viewHeight));
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  return { first, end: Math.min(count, Math.ceil((top + viewHeight) / rowHeight) + spare) };
}
