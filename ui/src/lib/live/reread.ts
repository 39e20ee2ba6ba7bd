/** As often it is read anew although nothing was missed: what a lost message left behind does not stay. */
const REREAD_MS = 120_000;

/** Has something reread from time to time while the page is looked at. Returns how to stop. */
export function rereadWhileVisible(reread: () => Promise<void>): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void reread();
  }, REREAD_MS);
  return () => clearInterval(timer);
}
