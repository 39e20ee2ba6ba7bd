import type { AppContext } from "../../lib/app-context.ts";
import { LiveList } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { choice, QueryParams, text } from "../../lib/routing/query-params.ts";
import {
  PEERING,
  PEERING_CHANGED,
  PEERING_ROWS_CHANGED,
  type PeeringRow,
  PEERINGS,
  type PeeringHere,
} from "./documents.ts";
import { isOfPhase } from "./peering-words.ts";

/** Every peering of this cluster, live, and those that the filters of the page let through. */
export class Peerings {
  readonly list: LiveList<PeeringRow>;
  readonly filters = new QueryParams({
    q: text(),
    side: choice("all", "CUSTOMER", "PROVIDER"),
    state: choice("all", "open", "up", "failed", "gone"),
  });
  shown = $derived.by(() => this.list.items.filter((peering) => this.#fits(peering)));

  constructor({ api, connection }: AppContext) {
    this.list = new LiveList(
      {
        load: async () => (await api.query(PEERINGS, {})).peerings,
        watch: (changed, failed) =>
          api.subscribe(PEERING_ROWS_CHANGED, {}, { next: ({ peerings }) => changed(peerings), failed }),
        keyOf: ({ peeringID }) => peeringID,
      },
      connection,
    );
  }

  #fits({ side, phase, peer, peeringID, contracts }: PeeringRow): boolean {
    const { q, side: wanted, state } = this.filters.values;
    if (wanted !== "all" && side !== wanted) return false;
    if (!isOfPhase(state, phase)) return false;
    const ids = contracts.map(({ contractID }) => contractID).join(" ");
    const words = `${peer.prettyName} ${peer.clusterID} ${peer.fingerprint} ${peeringID} ${ids}`.toLowerCase();
    return q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => words.includes(word));
  }
}

/** The peering that a contract entitles to, live; read anew whenever one changes that it may be. */
export function livePeering({ api, connection }: AppContext, contractID: string): LiveValue<PeeringHere> {
  let peeringID: string | undefined;
  return new LiveValue(
    {
      load: async () => {
        const { connector, peering } = await api.query(PEERING, { contractID });
        if (peering === null) throw new TypeError("the server named neither a peering nor an error");
        peeringID = peering.peeringID;
        return { ...peering, ownMode: connector.liqo.mode };
      },
      watch: (changed) =>
        api.subscribe(
          PEERING_CHANGED,
          {},
          {
            next: ({ peerings }) => {
              const isOurs = peerings.contracts.some((contract) => contract.contractID === contractID);
              if (isOurs || peerings.peeringID === peeringID) changed();
            },
          },
        ),
    },
    connection,
  );
}
