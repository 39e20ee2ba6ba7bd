import type { AppContext } from "../../lib/app-context.ts";
import { clock } from "../../lib/live/clock.svelte.ts";
import { LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { type Host, HOSTS, HOSTS_CHANGED, type OffloadingRow, OFFLOADINGS, OFFLOADINGS_CHANGED } from "./documents.ts";
import { endingWithin } from "./offload-words.ts";

const PAGE = 200;

/** An offloading as the list keeps it: one of which nothing is left stays only until it is dropped. */
interface Kept {
  readonly key: string;
  readonly row: OffloadingRow | null;
}

/** Which namespaces run on which contracts, live, and the contracts that namespaces can run on. */
export class Offloadings {
  readonly #rows: LiveList<Kept>;
  readonly hosts: LiveList<Host>;
  items = $derived.by(() => this.#rows.items.flatMap(({ row }) => (row === null ? [] : [row])));
  /** Contracts that end within a week although namespaces run on them. */
  ending = $derived.by(() =>
    this.hosts.items.flatMap((host) => {
      const within = endingWithin(host.validUntil, clock.seconds);
      const namespaces = this.of(host.contractID).map(({ namespace }) => namespace);
      return within === undefined || namespaces.length === 0 ? [] : [{ host, within, namespaces }];
    }),
  );

  constructor({ api, connection }: AppContext) {
    this.#rows = new LiveList<Kept>(
      {
        load: async () => (await api.query(OFFLOADINGS, {})).offloadings.map((row) => ({ key: keyOf(row), row })),
        watch: (changed, failed) =>
          api.subscribe(
            OFFLOADINGS_CHANGED,
            {},
            { next: ({ offloadings: to }) => changed({ key: keyOf(to), row: to.offloading }), failed },
          ),
        keyOf: ({ key }) => key,
        keeps: ({ row }) => row !== null,
        compare: (a, b) => (a.key < b.key ? -1 : 1),
      },
      connection,
    );
    this.hosts = new LiveList(
      {
        load: () =>
          readPages(
            async (after) => (await api.query(HOSTS, { first: PAGE, after })).contracts,
            ({ contractID }) => contractID,
            PAGE,
          ),
        watch: (changed, failed) =>
          api.subscribe(HOSTS_CHANGED, {}, { next: ({ contracts }) => changed(contracts), failed }),
        keyOf: ({ contractID }) => contractID,
        keeps: ({ role, state }) => role === "BUYER" && state === "ACTIVE",
      },
      connection,
    );
  }

  get state(): "loading" | "ready" | "failed" {
    if (this.#rows.state === "failed" || this.hosts.state === "failed") return "failed";
    return this.#rows.state === "ready" && this.hosts.state === "ready" ? "ready" : "loading";
  }

  get error() {
    return this.#rows.error ?? this.hosts.error;
  }

  start(): () => void {
    const stops = [this.#rows.start(), this.hosts.start()];
    return () => stops.forEach((stop) => stop());
  }

  reload(): void {
    void this.#rows.reload();
    void this.hosts.reload();
  }

  /** The namespaces of one contract. */
  of(contractID: string): readonly OffloadingRow[] {
    return this.items.filter((row) => row.contractID === contractID);
  }

  host(contractID: string): Host | undefined {
    return this.hosts.items.find((host) => host.contractID === contractID);
  }
}

/** By namespace, then contract. */
function keyOf({ namespace, contractID }: { namespace: string; contractID: string }): string {
  return `${namespace}/${contractID}`;
}
