import { waitFor } from "@catalog/server/testing/wait-for";
import type { KubeClient } from "./rig/kube-client.js";
import { PlayedOffloading } from "./stand-in/played-offloading.js";
import type { Trade } from "./trade-books.js";
import { expectPhase, makeNamespace, offload, offloadingsOf, podOf, stopOffloading } from "./trade-offloads.js";
import { SOON } from "./trade-world.js";

const NAMESPACE = "shop";
const POD = { apiVersion: "v1", kind: "Pod" };

/** A namespace of the customer's with one pod in it, which runs at the provider on what a contract gives. */
export class Shop {
  readonly #kube: KubeClient;

  private constructor(
    private readonly trade: Trade,
    private readonly contractID: string,
    private readonly liqo: PlayedOffloading,
  ) {
    this.#kube = trade.buyer.cluster.admin;
  }

  /** Offloads the namespace through the API and makes the pod. */
  static async open(trade: Trade, generation: "v0" | "v1", contractID: string): Promise<Shop> {
    const liqo = new PlayedOffloading({ generation, home: trade.buyer, providers: [trade.seller] });
    liqo.start();
    const shop = new Shop(trade, contractID, liqo);
    await makeNamespace(shop.#kube, NAMESPACE);
    await offload(trade.buyer.connector.api, contractID, NAMESPACE);
    await expectPhase(trade.buyer.connector.api, "READY");
    await shop.#kube.create(podOf(NAMESPACE, "web", "500m"));
    await waitFor(() => shop.isOpen(), { ...SOON, what: "the pod runs at the provider" });
    return shop;
  }

  /** Whether the pod runs at the provider. */
  async isOpen(): Promise<boolean> {
    const pods = await this.trade.seller.cluster.admin.list(POD);
    return pods.some(({ metadata }) => metadata.name === "web");
  }

  /** Removes the pod, stops the offloading through the API and removes the namespace. */
  async close(): Promise<void> {
    const { api } = this.trade.buyer.connector;
    await this.#kube.remove({ ...POD, namespace: NAMESPACE, name: "web" });
    await waitFor(async () => !(await this.isOpen()), { ...SOON, what: "the pod ends" });
    await stopOffloading(api, this.contractID, NAMESPACE);
    await waitFor(async () => (await this.#kube.get(this.liqo.ref(NAMESPACE))) === undefined, SOON);
    await waitFor(async () => (await offloadingsOf(api)).length === 0, SOON);
    await this.#kube.remove({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
    await this.liqo.stop();
  }
}
