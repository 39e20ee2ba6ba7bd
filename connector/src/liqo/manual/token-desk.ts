import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import type { PeeringByHand } from "../../services/peerings/manifest.service.js";
import type {
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { foreignCluster } from "../forge/foreign-cluster.js";
import {
  MATERIAL_QUESTION,
  materialReply,
  readMaterialReply,
  readQuestion,
  statusReply,
} from "../forge/token-messages.js";
import { type RemoteToken, tokenDigest, tokenSecret } from "../forge/token-secret.js";
import { fieldsOf, type HandStep, manifestText, textIn, told } from "./by-hand.js";
import type { ManualSettings } from "./manual-settings.js";

type Told = Omit<PeeringReport, "released">;

/** Peerings by hand on Liqo 0.7 to 0.10, which need an address and a token. What is kept of them is encrypted for this cluster. */
export class TokenDesk {
  constructor(private readonly settings: ManualSettings) {}

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<Told> {
    if (task.side === "PROVIDER") return { ...provider(task), state: null };
    if (!task.wanted) return { ...takeDown(task), state: null };
    const jwe = jweOf(task) ?? (await this.fetch(task, exchange));
    const problem = jwe === undefined ? undefined : await this.problemOf(task, jwe);
    return { ...customer(jwe !== undefined, problem), state: jwe === undefined ? null : { jwe } };
  }

  /** The answer to a customer's message. @throws CatalogError UNAVAILABLE while nobody has said how Liqo here is reached. */
  async answer(contract: Contract, message: PeeringMessage): Promise<PeeringMessage> {
    const question = readQuestion(message);
    if (question.type === "ended") return { type: "ended" };
    const granted = this.settings.resourcesOf([contract]);
    if (question.type === "status")
      return statusReply("The provider's admin does the peering by hand.", "WAITING", granted);
    return materialReply(await this.material(contract));
  }

  async byHand(task: PeeringTask): Promise<PeeringByHand> {
    const questions: PeeringByHand["questions"] = [];
    if (!task.wanted) return { manifests: null, questions };
    if (task.side === "PROVIDER") return { manifests: providerText(task), questions };
    const jwe = jweOf(task);
    if (jwe === undefined) return { manifests: null, questions };
    try {
      return { manifests: this.manifests(task, await this.read(task, jwe)), questions };
    } catch (error) {
      if (error instanceof CatalogError) return { manifests: null, questions }; // The report says what is wrong with it.
      throw error;
    }
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

  /** Undefined while the provider has none. */
  private async fetch({ contracts }: PeeringTask, exchange: PeeringExchange): Promise<string | undefined> {
    const [contract] = contracts;
    if (contract === undefined) return undefined;
    try {
      return readMaterialReply(await exchange(contract, MATERIAL_QUESTION));
    } catch (error) {
      if (error instanceof CatalogError) return undefined;
      throw error;
    }
  }

  private async problemOf(task: PeeringTask, jwe: string): Promise<CatalogError | undefined> {
    try {
      await this.read(task, jwe);
      return undefined;
    } catch (error) {
      if (error instanceof CatalogError) return error;
      throw error;
    }
  }

  private read(task: PeeringTask, jwe: string): Promise<RemoteToken> {
    const contract = task.contracts.find(({ documents }) => documents.peering === jwe) ?? task.contracts[0];
    if (contract === undefined) throw new TypeError("a wanted peering has a contract");
    return this.settings.material(contract, async () => materialReply(jwe));
  }

  private manifests({ peer }: PeeringTask, remote: RemoteToken): string {
    const object = foreignCluster({ ...remote, name: remote.clusterName, tokenDigest: tokenDigest(remote.token) });
    const remarks = [`Customer of ${peer.clusterName} (Liqo 0.7 to 0.10). It holds a secret: keep it to yourself.`];
    return manifestText(remarks, [tokenSecret(this.settings.liqoNamespace, remote), object]);
  }
}

/** What the contract brought, or the provider told later. */
function jweOf({ contracts, state }: PeeringTask): string | undefined {
  const [brought] = contracts.flatMap(({ documents }) => documents.peering ?? []);
  return brought ?? textIn(fieldsOf(state), "jwe") ?? undefined;
}

function customer(hasMaterial: boolean, problem: CatalogError | undefined): Omit<Told, "state"> {
  const steps: HandStep[] = [
    ["Get what Liqo needs from the provider", problem !== undefined ? "FAILED" : hasMaterial ? "DONE" : "WAITING"],
    ["Apply the manifests", hasMaterial && problem === undefined ? "DOING" : "TODO"],
  ];
  if (problem !== undefined)
    return told(
      "FAILED",
      problem.message,
      "Settle it with the provider, or allow its address here if it is right.",
      steps,
    );
  if (!hasMaterial)
    return told(
      "WAITING",
      "The provider has not told how its Liqo is reached.",
      "Ask the provider for its Liqo address; the Connector asks for it by itself.",
      steps,
    );
  const whatToDo = "Read peering(contractID) { manifests } and apply them with kubectl; they contain a secret.";
  return told("WAITING", "The manifests are ready; somebody has to apply them.", whatToDo, steps);
}

function takeDown({ peer: { clusterName, clusterID } }: PeeringTask): Omit<Told, "state"> {
  return told(
    "GONE",
    "Nothing entitles to this peering any more, or you do not want it.",
    `If you had applied the manifests: set outgoingPeeringEnabled of ForeignCluster ${clusterName} to "No", wait until its OutgoingPeering is None, then delete it and Secret remote-token-${clusterID}.`,
    [],
  );
}

function provider(task: PeeringTask): Omit<Told, "state"> {
  if (!task.wanted) {
    const whatToDo = `If you had let it in: ${letInCommand(task, "No")}`;
    return told("GONE", "No contract entitles this customer to anything.", whatToDo, []);
  }
  return told(
    "WAITING",
    "The customer may peer now; Liqo is told over gRPC what it may get.",
    "If Liqo does not take incoming peerings by itself, read peering(contractID) { manifests }: the command in it lets the customer in.",
    [["Let the customer in", "DOING"]],
  );
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
  return `kubectl get foreignclusters.discovery.liqo.io -l discovery.liqo.io/cluster-id=${peer.clusterID} -o name | xargs kubectl patch --type=merge -p '{"spec":{"incomingPeeringEnabled":"${wish}"}}'`;
}
