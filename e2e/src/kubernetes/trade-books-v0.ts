import { at } from "./rig/kube-object.js";
import { LABEL, NODE, RESOURCE_OFFER } from "./stand-in/v0/kinds.js";
import { type PluginWire, ResourcePluginClient } from "./stand-in/v0/resource-plugin.js";
import { type Amounts, amountsOf, Trade } from "./trade-books.js";
import type { Party } from "./trade-world.js";

/** A trade on Liqo 0.x: offers and virtual nodes of those versions, and the plugin that Liqo asks. */
export class TradeV0 extends Trade {
  constructor(
    seller: Party,
    buyer: Party,
    private readonly wire: PluginWire,
  ) {
    super(seller, buyer);
  }

  async offered(): Promise<Amounts | undefined> {
    const labelSelector = `${LABEL.destination}=${this.buyer.clusterID}`;
    const [offer] = await this.seller.cluster.admin.list(RESOURCE_OFFER, { labelSelector });
    return amountsOf(at(offer, "spec", "resourceQuota", "hard"));
  }

  async nodes(): Promise<readonly Amounts[]> {
    const node = await this.buyer.cluster.admin.get({ ...NODE, name: `liqo-${this.seller.name}` });
    const amounts = amountsOf(at(node, "status", "allocatable"));
    return amounts === undefined ? [] : [amounts];
  }

  /** Asks as Liqo does; afterwards the Connector takes Liqo for one that has asked. */
  async granted(): Promise<Amounts> {
    const address = this.seller.connector.grpc.replace("localhost", "127.0.0.1");
    const plugin = await ResourcePluginClient.dial(address, this.wire, () => undefined);
    try {
      return amountsOf(await plugin.read(this.buyer.clusterID)) ?? {};
    } finally {
      plugin.close();
    }
  }
}
