const PAGE = 200;

/** Every item of a list that is read page by page. @param read the page after this id; null: the first one. */
export async function allPages<Item>(
  read: (page: { readonly first: number; readonly after: string | null }) => Promise<readonly Item[]>,
  idOf: (item: Item) => string,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  for (;;) {
    const page: readonly Item[] = await read({ first: PAGE, after });
    items.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return items;
    after = idOf(last);
  }
}
