import { createContext } from "svelte";
import type { AppContext } from "../../lib/app-context.ts";
import { LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { MEMBER_CHANGED, type MemberRow, MEMBERS } from "./documents.ts";
import { inOrder } from "./member-words.ts";

const PAGE = 200;

/** Every cluster that is, was or wants to be a member of this Broker, live: who waits for the operator first. */
export class Members {
  readonly list: LiveList<MemberRow>;
  /** Those that wait for the operator. */
  waiting = $derived.by(() => this.list.items.filter(({ cluster }) => cluster.status === "PENDING"));
  /** Those that are members. */
  admitted = $derived.by(() => this.list.items.filter(({ cluster }) => cluster.status === "ADMITTED"));
  readonly #names = $derived.by(
    () => new Map(this.list.items.map(({ fingerprint, cluster }) => [fingerprint, cluster.clusterPrettyName])),
  );

  constructor({ api, connection }: AppContext) {
    this.list = new LiveList(
      {
        load: () =>
          readPages(
            async (after) => (await api.query(MEMBERS, { first: PAGE, after })).members,
            ({ fingerprint }) => fingerprint,
            PAGE,
          ),
        watch: (changed, failed) =>
          api.subscribe(MEMBER_CHANGED, {}, { next: ({ members }) => changed(members), failed }),
        keyOf: ({ fingerprint }) => fingerprint,
        compare: inOrder,
      },
      connection,
    );
  }

  /** Name of a cluster; undefined for one that never asked to join. */
  nameOf(fingerprint: string): string | undefined {
    return this.#names.get(fingerprint);
  }
}

const [read, provide] = createContext<Members>();

/** To be called by the frame of the console, once. */
export const provideMembers = provide;

/** The list that the console's frame keeps; to be called while a component is made. */
export const useMembers = read;
