import type { Contract } from "../../domain/contract.js";
import type { ManifestSource, PeeringAnswer, PeeringByHand } from "../../services/peerings/manifest.service.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { asMessage, readCustomerMessage } from "../forge/handshake-messages.js";
import { isUsableClusterID } from "../forge/tenant-names.js";
import { requireKnown, told } from "./by-hand.js";
import { HandshakeCustomer } from "./handshake-customer.js";
import { HandshakeProvider } from "./handshake-provider.js";
import { generationOf, type Generation, type ManualSettings } from "./manual-settings.js";
import { TokenCustomer } from "./token-customer.js";
import { TokenProvider } from "./token-provider.js";

const UNUSABLE = "The cluster id of the other cluster cannot be used with Liqo 1.x.";

/**
 * Where there is no driver: speaks with the other Connector as a driver does, says what an admin has to do by hand, writes the manifests for
 * it, and goes on with what the admin brings back. The other side may be driven or by hand too.
 */
export class ManualPeering implements PeeringDriver, ManifestSource {
  readonly mode = "manual";
  private readonly tokenCustomer: TokenCustomer;
  private readonly tokenProvider: TokenProvider;
  private readonly customer: HandshakeCustomer;
  private readonly provider: HandshakeProvider;

  constructor(private readonly settings: ManualSettings) {
    this.tokenCustomer = new TokenCustomer(settings);
    this.tokenProvider = new TokenProvider(settings);
    this.customer = new HandshakeCustomer(settings);
    this.provider = new HandshakeProvider(settings);
  }

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    const released = task.ending.map((contract) => contract.contractID);
    return { ...(await this.go(task, exchange)), released };
  }

  /** @throws InputInvalidError for a message that is none. */
  async answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    const { fingerprint, clusterID, clusterName, liqo } = contract.buyer;
    if (this.generation({ peer: { fingerprint, clusterID, clusterName, liqo } }) === "0.x")
      return { reply: await this.tokenProvider.answer(contract, message, state), state };
    const answered = this.provider.answer(contract, readCustomerMessage(message), state);
    return { reply: asMessage(answered.reply), state: answered.state };
  }

  /** Nothing here sees a cluster. */
  async watch(): Promise<void> {}

  async byHand(task: PeeringTask): Promise<PeeringByHand> {
    if (this.generation(task) === "0.x") return this.tokensOf(task).byHand(task);
    if (!isUsableClusterID(task.peer.clusterID)) return { manifests: null, questions: [] };
    return task.side === "CUSTOMER" ? this.customer.byHand(task) : this.provider.byHand(task);
  }

  async accept(task: PeeringTask, answers: readonly PeeringAnswer[]): Promise<DriverState> {
    const { questions } = await this.byHand(task);
    requireKnown(
      answers,
      questions.map(({ name }) => name),
    );
    if (this.generation(task) === "0.x") return this.tokensOf(task).accept(task, answers);
    return task.side === "CUSTOMER" ? this.customer.accept(task, answers) : this.provider.accept(task, answers);
  }

  private async go(task: PeeringTask, exchange: PeeringExchange): Promise<Omit<PeeringReport, "released">> {
    if (this.generation(task) === "0.x") return this.tokensOf(task).reconcile(task, exchange);
    if (!isUsableClusterID(task.peer.clusterID))
      return { ...told(task.wanted ? "FAILED" : "GONE", UNUSABLE, null, []), state: null };
    return task.side === "CUSTOMER" ? this.customer.reconcile(task, exchange) : this.provider.reconcile(task);
  }

  /** What makes a half on Liqo 0.x. */
  private tokensOf({ side }: PeeringTask): TokenCustomer | TokenProvider {
    return side === "CUSTOMER" ? this.tokenCustomer : this.tokenProvider;
  }

  private generation(task: Pick<PeeringTask, "peer">): Generation {
    return generationOf(task, this.settings.cluster.liqoVersion);
  }
}
