import { waitFor } from "@catalog/server/testing/wait-for";
import type { GraphqlClient } from "../harness/graphql-client.js";
import type { HostileProvider } from "./hostile-provider.js";
import { SOON } from "./hostile-world.js";
import { peeringsOf, type PeeringView, setPeering } from "./trade-peerings.js";

/** A customer's peering with a hostile provider: has the Connector ask again, and reads what it tells its admin of the answers. */
export class ToldPeering {
  #isNetworkWanted = false;

  constructor(
    private readonly api: GraphqlClient,
    private readonly provider: HostileProvider,
    readonly contractID: string,
  ) {}

  async view(): Promise<PeeringView | undefined> {
    const { clusterID } = this.provider.seller.stranger;
    return (await peeringsOf(this.api)).find(({ peer }) => peer.clusterID === clusterID);
  }

  /** Has the peering looked at now: the wish changes, of which nothing follows before there is more than a wish. */
  async wake(): Promise<void> {
    this.#isNetworkWanted = !this.#isNetworkWanted;
    await setPeering(this.api, "createPeering", this.contractID, this.#isNetworkWanted);
  }

  /** The same, after which a network is wanted or is not. */
  async wakeWanting(isWanted: boolean): Promise<void> {
    if (this.#isNetworkWanted === isWanted) await this.wake();
    await this.wake();
  }

  /** Waits until the Connector has heard the answer to a message of that type again and tells what is wrong with it. */
  async expectTold(type: string, what: string, reason: RegExp, nudge = () => this.wake()): Promise<void> {
    const heard = this.provider.heard(type);
    await nudge();
    await waitFor(
      async () => {
        const told = await this.view();
        const text = `${told?.message} ${told?.lastError}`;
        if (this.provider.heard(type) > heard && reason.test(text)) return true;
        throw new Error(`${what}: ${text}`);
      },
      { ...SOON, what },
    );
  }
}
