import { decryptMaterial, type PeeringMaterial } from "@catalog/schema/documents/peering-material";
import { CatalogError } from "@catalog/schema/errors";
import { stringify } from "yaml";
import type { Contract } from "../../domain/contract.js";
import type { ManifestSource } from "../../services/peerings/manifest.service.js";
import { oneOf } from "../../services/contracts/party-keys.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringMessage,
  PeeringReport,
  PeeringStep,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import type { Identity } from "../../services/ports.js";
import { foreignAuthUrlProblem } from "../forge/foreign-auth-url.js";
import { foreignCluster } from "../forge/foreign-cluster.js";
import { tokenDigest, tokenSecret } from "../forge/token-secret.js";

type Told = Pick<PeeringReport, "phase" | "message" | "whatToDo" | "steps">;

/** Where there is no driver: says what an admin has to do by hand, and writes the manifests for it (Liqo 0.7 to 0.10). */
export class ManualPeering implements PeeringDriver, ManifestSource {
  readonly mode = "manual";

  constructor(
    private readonly identity: Identity,
    private readonly liqoNamespace: string,
  ) {}

  async reconcile(task: PeeringTask): Promise<PeeringReport> {
    const told = task.side === "CUSTOMER" ? customer(task) : provider(task);
    const released = task.ending.map((contract) => contract.contractID);
    return { ...told, conditions: [], released, state: null, retryAfterMs: null };
  }

  async answer(
    _contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    if (message.type !== "status") {
      throw new CatalogError(
        "BAD_USER_INPUT",
        `This provider works by hand (LIQO_MODE=manual): it has no answer to "${message.type}".`,
      );
    }
    return {
      reply: { type: "status", phase: "WAITING", message: "The provider's admin does the peering by hand." },
      state,
    };
  }

  /** Nothing here sees a cluster. */
  async watch(): Promise<void> {}

  async manifests(task: PeeringTask): Promise<string | null> {
    const contract = task.contracts.find((one) => one.documents.peering !== null);
    if (task.side !== "CUSTOMER" || !task.wanted || contract === undefined) return null;
    const { parameters } = await this.material(contract);
    const { clusterID, clusterName, endpoint, token } = parameters;
    if (endpoint === null || token === null || foreignAuthUrlProblem(endpoint) !== undefined) return null;
    const { contractID } = contract;
    const remote = { clusterID, clusterName, authUrl: endpoint, token, contractID };
    const objects = [
      tokenSecret(this.liqoNamespace, remote),
      foreignCluster({ ...remote, name: clusterName, tokenDigest: tokenDigest(token) }),
    ];
    return objects.map((object) => stringify(object)).join("---\n");
  }

  private material(contract: Contract): Promise<PeeringMaterial> {
    return decryptMaterial(contract.documents.peering ?? "", this.identity.keys.encryption, {
      iss: contract.counterparty,
      aud: this.identity.fingerprint,
      contractID: contract.contractID,
      keyOf: oneOf(contract.counterpartyKey),
    });
  }
}

function customer(task: PeeringTask): Told {
  const { clusterName, clusterID } = task.peer;
  if (!task.wanted) {
    return {
      phase: "GONE",
      message: "Nothing entitles to this peering any more, or you do not want it.",
      whatToDo: `If you had applied the manifests: set outgoingPeeringEnabled of ForeignCluster ${clusterName} to "No", wait until its OutgoingPeering is None, then delete it and Secret remote-token-${clusterID}.`,
      steps: [],
    };
  }
  const hasMaterial = task.contracts.some((contract) => contract.documents.peering !== null);
  const steps: PeeringStep[] = [
    step("Get what Liqo needs from the provider", hasMaterial ? "DONE" : "WAITING"),
    step("Apply the manifests", "TODO"),
  ];
  if (!hasMaterial) {
    return {
      phase: "WAITING",
      message: "The provider has not told how its Liqo is reached.",
      whatToDo: "Ask the provider for its Liqo address; with Liqo 1.x run liqoctl peer with what it gives you.",
      steps,
    };
  }
  const whatToDo = "Read peering(contractID) { manifests } and apply them with kubectl; they contain a secret.";
  return { phase: "WAITING", message: "The manifests are ready; somebody has to apply them.", whatToDo, steps };
}

function provider(task: PeeringTask): Told {
  if (!task.wanted)
    return { phase: "GONE", message: "No contract entitles this customer to anything.", whatToDo: null, steps: [] };
  return {
    phase: "WAITING",
    message: "The customer may peer now; Liqo is told over gRPC what it may get.",
    whatToDo:
      'If Liqo does not take incoming peerings by itself, set incomingPeeringEnabled of the customer\'s ForeignCluster to "Yes".',
    steps: [step("Let the customer in", "TODO")],
  };
}

function step(name: string, status: PeeringStep["status"]): PeeringStep {
  return { name, status, detail: null, object: null };
}
