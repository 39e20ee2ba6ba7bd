import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import type { PeeringByHand, PeeringQuestion } from "../../services/peerings/manifest.service.js";
import type { DriverState, PeeringMessage, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import { CLUSTER_ID_LABEL, letIn, shutOut } from "../forge/foreign-cluster.js";
import { materialReply, readQuestion, statusReply } from "../forge/token-messages.js";
import { fieldsOf, manifestText, told } from "./by-hand.js";
import type { ManualSettings } from "./manual-settings.js";

const DONE: PeeringQuestion = {
  name: "applied",
  description: "Say yes once Liqo lets the customer in: by the command in the manifests, or by itself.",
  command: null,
};

/** The provider's half on Liqo 0.7 to 0.10: tells the customer how Liqo is reached; what it may get is told to Liqo by the gRPC plugin. */
export class TokenProvider {
  constructor(private readonly settings: ManualSettings) {}

  reconcile(task: PeeringTask): Omit<PeeringReport, "released"> {
    if (!task.wanted) {
      const whatToDo = `If you had let it in: ${letInCommand(task, "No")}`;
      return { ...told("GONE", "No contract entitles this customer to anything.", whatToDo, []), state: null };
    }
    const isDone = isLetIn(task.state);
    const report = isDone
      ? told(
          "ESTABLISHED",
          "The customer is let in, as the admin says; Liqo is told over gRPC what it may get.",
          null,
          [["Let the customer in", "DONE"]],
        )
      : told(
          "WAITING",
          "The customer may peer now; Liqo is told over gRPC what it may get.",
          `If Liqo does not take incoming peerings by itself, read peering(contractID) { manifests }: the command in it lets the customer in. Then answer "applied" by continuePeering.`,
          [["Let the customer in", "DOING"]],
        );
    return { ...report, state: { isLetIn: isDone } };
  }

  /** The answer to a customer's message. @throws CatalogError UNAVAILABLE while nobody has said how Liqo here is reached. */
  async answer(contract: Contract, message: PeeringMessage, state: DriverState): Promise<PeeringMessage> {
    const question = readQuestion(message);
    if (question.type === "ended") return { type: "ended" };
    if (question.type === "material") return materialReply(await this.material(contract));
    const phase = isLetIn(state) ? "ESTABLISHED" : "WAITING";
    const granted = this.settings.resourcesOf([contract]);
    return statusReply("The provider's admin does the peering by hand.", phase, granted);
  }

  byHand(task: PeeringTask): PeeringByHand {
    if (!task.wanted) return { manifests: null, questions: [] };
    return { manifests: providerText(task), questions: isLetIn(task.state) ? [] : [DONE] };
  }

  /** The only thing that is asked: whether it is done. */
  accept(): DriverState {
    return { isLetIn: true };
  }

  private async material(contract: Contract): Promise<string> {
    const { clusterID, clusterName, endpoint, token } = this.settings.cluster;
    if (endpoint === null || token === null)
      throw new CatalogError(
        "UNAVAILABLE",
        "The provider's admin has not said yet how its Liqo is reached. It is asked again by itself.",
      );
    const parameters = { clusterID, clusterName, endpoint, token };
    const { contractID, buyer } = contract;
    const content = { contractID, aud: buyer.fingerprint, parameters };
    return encryptMaterial(this.settings.identity.signer, buyer.encKey, content);
  }
}

function isLetIn(state: DriverState): boolean {
  return fieldsOf(state)["isLetIn"] === true;
}

/** Liqo makes the ForeignCluster of a customer by itself when it comes: it is patched, not applied. */
function providerText(task: PeeringTask): string {
  return manifestText(
    [
      `Provider of ${task.peer.clusterName} (Liqo 0.7 to 0.10). Liqo makes the customer's ForeignCluster itself when it comes; let it in by:`,
      letInCommand(task, "Yes"),
      "How much it gets is enforced only where Liqo asks this Connector: controllerManager.config.resourcePluginAddress=<this service>:6001",
      "and enableResourceEnforcement=true. Without them Liqo offers what its own configuration says.",
    ],
    [],
  );
}

function letInCommand({ peer }: PeeringTask, wish: "Yes" | "No"): string {
  const found = `kubectl get foreignclusters.discovery.liqo.io -l ${CLUSTER_ID_LABEL}=${peer.clusterID} -o name`;
  const patch = JSON.stringify(wish === "Yes" ? letIn(null) : shutOut());
  return `${found} | xargs ${wish === "No" ? "-r " : ""}kubectl patch --type=merge -p '${patch}'`;
}
