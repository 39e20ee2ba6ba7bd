import { createContext } from "svelte";
import { toast } from "svelte-sonner";
import type { AppContext } from "../../lib/app-context.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { here } from "../../lib/routing/here.svelte.ts";
import { ATTENTION, ATTENTION_CHANGED, type AttentionItem } from "./documents.ts";
import { keyOf, noticesOf } from "./news.ts";

/** What somebody should look at, live: the server's list, and a toast for whatever comes up while the app is open. */
export class Attention {
  readonly live: LiveValue<readonly AttentionItem[]>;
  items = $derived.by(() => this.live.value ?? []);
  /** Requests that wait for a decision here. */
  approvals = $derived.by(() => this.items.filter(({ kind }) => kind === "APPROVAL_WAITING").length);
  /** What has been told or was there at the beginning; undefined until the first answer. */
  #known: Set<string> | undefined;

  constructor({ api, connection }: AppContext) {
    this.live = new LiveValue(
      {
        load: async () => (await api.query(ATTENTION, {})).attention,
        watch: (changed) => api.subscribe(ATTENTION_CHANGED, {}, { next: ({ attention }) => changed(attention) }),
      },
      connection,
    );
  }

  start(): () => void {
    return this.live.start();
  }

  /** Tells of what is new since the last call; of nothing at the first, when the list itself is seen. */
  tellNews(): void {
    if (this.live.state === "loading") return;
    const known = this.#known;
    const fresh = known === undefined ? [] : this.items.filter((item) => !known.has(keyOf(item)));
    this.#known = new Set(this.items.map(keyOf));
    for (const { title, message, link } of noticesOf(fresh)) {
      toast(title, { description: message, action: { label: "Open", onClick: () => here.go(link) } });
    }
  }
}

const [read, provide] = createContext<Attention>();

/** To be called by the frame of the app, once. */
export const provideAttention = provide;

/** The list that the app's frame keeps; to be called while a component is made. */
export const useAttention = read;
