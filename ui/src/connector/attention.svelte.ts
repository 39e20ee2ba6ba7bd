import { toast } from "svelte-sonner";
import type { AppContext } from "../lib/app-context.ts";
import { connectorGraphql } from "../lib/graphql/connector.ts";
import { LiveValue } from "../lib/live/live-value.svelte.ts";
import { here } from "../lib/routing/here.svelte.ts";

const SHELL = connectorGraphql(`
  query Shell { connector { prettyName ready } contracts(first: 200, role: SELLER, state: PENDING_APPROVAL) { contractID } }
`);
const CHANGED = connectorGraphql(`
  subscription ContractsNeedingAttention { contracts { contractID state role buyer { prettyName } offer { offerName } } }
`);

/** What the frame of the app knows about its cluster, live, and a toast for each request that comes in. */
export class Attention {
  readonly #live;
  readonly #told = new Set<string>();
  /** Name of the cluster. */
  owner = $derived.by(() => this.#live.value?.connector.prettyName ?? "");
  /** Requests that wait for a decision here. */
  waiting = $derived.by(() => this.#live.value?.contracts.length ?? 0);

  constructor({ api, connection }: AppContext) {
    this.#live = new LiveValue(
      {
        load: () => api.query(SHELL, {}),
        watch: (changed) =>
          api.subscribe(
            CHANGED,
            {},
            {
              next: ({ contracts }) => {
                if (contracts.role === "SELLER" && contracts.state === "PENDING_APPROVAL") this.#tell(contracts);
                changed();
              },
            },
          ),
      },
      connection,
    );
  }

  start(): () => void {
    return this.#live.start();
  }

  #tell(contract: { contractID: string; buyer: { prettyName: string }; offer: { offerName: string } | null }): void {
    if (this.#told.has(contract.contractID)) return;
    this.#told.add(contract.contractID);
    toast(`${contract.buyer.prettyName} asks for ${contract.offer?.offerName ?? "an offer"}`, {
      description: "It waits for your approval.",
      action: { label: "Open", onClick: () => here.go(`/contracts/${contract.contractID}`) },
    });
  }
}
