import type { AttentionItem } from "./documents.ts";

/** What is told of by a toast at once; more are told as a number. */
const MOST_TOASTS = 3;

/** One toast: what it says and where it leads. */
interface Notice {
  readonly title: string;
  readonly message: string;
  readonly link: string;
}

/** Names an entry of the list as long as it is about the same thing. */
export function keyOf({ kind, subject }: Pick<AttentionItem, "kind" | "subject">): string {
  return `${kind} ${subject}`;
}

/** What is to be told when `items` have come up that nobody was told of yet, most urgent first. */
export function noticesOf(items: readonly AttentionItem[]): readonly Notice[] {
  if (items.length <= MOST_TOASTS) return items.map(({ title, message, link }) => ({ title, message, link }));
  const [first] = items;
  return [{ title: `${items.length} things need attention`, message: `${first?.title ?? ""}, and others.`, link: "/" }];
}
