import { holdSession, patienceWithOtherTabs } from "../lib/graphql/other-tabs.ts";

const KEY = "catalog-session";

/** The second secret of the session: this tab's, or that of another tab of this origin. Empty if nobody is signed in. */
export async function sessionSecret(): Promise<string> {
  const own = sessionStorage.getItem(KEY);
  if (own !== null) return own;
  const tabs = new BroadcastChannel(KEY);
  try {
    const patience = await patienceWithOtherTabs();
    const told = await new Promise<string>((resolve) => {
      tabs.addEventListener("message", ({ data }: MessageEvent<{ type: string; secret?: string }>) => {
        if (data.type === "secret") resolve(data.secret ?? "");
      });
      tabs.postMessage({ type: "ask" });
      setTimeout(() => resolve(""), patience);
    });
    if (told !== "") sessionStorage.setItem(KEY, told);
    return told;
  } finally {
    tabs.close();
  }
}

/** Tells the session to other tabs that ask for it, and calls `ended` when one of them has ended it. */
export function shareSession(secret: string, ended: () => void): void {
  const tabs = new BroadcastChannel(KEY);
  const release = holdSession();
  tabs.addEventListener("message", ({ data }: MessageEvent<{ type: string; secret?: string }>) => {
    if (data.type === "ask") tabs.postMessage({ type: "secret", secret });
    if (data.type !== "ended" || data.secret !== secret) return;
    sessionStorage.removeItem(KEY);
    release();
    tabs.close();
    ended();
  });
}
