/** The Web Lock that each tab shares while somebody is signed in there. */
const LOCK = "catalog-session";
/** A tab in the background answers late, more so on a busy machine. */
const SIGNED_IN_TAB_ANSWERS_WITHIN_MS = 5_000;
const UNKNOWN_TAB_ANSWERS_WITHIN_MS = 300;

/** Tells other tabs of this origin that this one has a session, until the returned function is called. */
export function holdSession(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // Only a browser that is closing refuses a shared lock; then there is nobody left to tell.
  navigator.locks?.request(LOCK, { mode: "shared" }, () => held).catch(() => undefined);
  return release;
}

/** How long to wait for another tab's session, ms: 0 where no other tab has one. */
export async function patienceWithOtherTabs(): Promise<number> {
  // Browsers have locks only on https and localhost.
  if (!("locks" in navigator)) return UNKNOWN_TAB_ANSWERS_WITHIN_MS;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === LOCK) ? SIGNED_IN_TAB_ANSWERS_WITHIN_MS : 0;
}
