import type { AppContext } from "../lib/app-context.ts";
import { connectorGraphql } from "../lib/graphql/connector.ts";
import { LiveValue } from "../lib/live/live-value.svelte.ts";

const FRAME = connectorGraphql(`query Frame { connector { prettyName ready } viewer { role mutations } }`);
const FRAME_CHANGED = connectorGraphql(`subscription FrameChanged { connector { prettyName ready } }`);

/** What the frame of the app shows of its cluster, live. */
export class Frame {
  readonly #live;
  /** Name of the cluster; empty until it is known. */
  owner = $derived.by(() => this.#live.value?.prettyName ?? "");
  /** True if the cluster has neither name nor contract endpoint yet. */
  isNew = $derived.by(() => this.#live.value?.ready === false);

  constructor({ api, connection, access }: AppContext) {
    this.#live = new LiveValue(
      {
        load: async () => {
          const { connector, viewer } = await api.query(FRAME, {});
          access.tell(viewer.role, viewer.mutations);
          return connector;
        },
        watch: (changed) => api.subscribe(FRAME_CHANGED, {}, { next: ({ connector }) => changed(connector) }),
      },
      connection,
    );
  }

  start(): () => void {
    return this.#live.start();
  }
}
