import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import type { PeeringAnswer, PeeringByHand, PeeringQuestion } from "../../services/peerings/manifest.service.js";
import type {
  DriverState,
  PeeringExchange,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { CLUSTER_ID_LABEL, foreignCluster, stopReachingOut } from "../forge/foreign-cluster.js";
import { MATERIAL_QUESTION, materialReply, readMaterialReply } from "../forge/token-messages.js";
import { type RemoteToken, tokenDigest, tokenSecret, tokenSecretRef } from "../forge/token-secret.js";
import { answerOf, fieldsOf, type HandStep, manifestText, textIn, told } from "./by-hand.js";
import type { ManualSettings } from "./manual-settings.js";

/** What is remembered of a peering with Liqo 0.x on the customer's side. The token is in it only as the provider encrypted it for this cluster. */
interface TokenMemory {
  /** What the provider told when it was asked, and under which contract that was. */
  readonly jwe: string | null;
  readonly contractID: string | null;
  /** What the admin has said is applied; differs when it has to be applied again. */
  readonly applied: string | null;
  /** Whether the admin has said that Liqo refuses the token. */
  readonly isRefused: boolean;
}

/** What can be used of what the provider has told, or why nothing of it can. */
interface Known {
  readonly remote: RemoteToken | undefined;
  readonly problem: CatalogError | undefined;
}

const APPLIED: PeeringQuestion = {
  name: "applied",
  description: "Say yes once the manifests are applied.",
  command: null,
};
const REFUSED: PeeringQuestion = {
  name: "refused",
  description: "Say yes only if Liqo here refuses the token: the provider is asked for the present one.",
  command: null,
};

/** The customer's half on Liqo 0.7 to 0.10: an address and a token, which the admin applies. */
export class TokenCustomer {
  constructor(private readonly settings: ManualSettings) {}

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<Omit<PeeringReport, "released">> {
    if (!task.wanted) return { ...takeDown(task, this.settings.liqoNamespace), state: null };
    let memory = readMemory(task.state);
    let known = await this.known(task, memory);
    if (known.remote === undefined || memory.isRefused) {
      const [contract] = newestFirst(task);
      const asked = contract && (await ask(contract, exchange));
      if (asked instanceof CatalogError) known = { ...known, problem: known.problem ?? asked };
      else if (asked !== undefined && contract !== undefined) {
        memory = { ...memory, jwe: asked, contractID: contract.contractID, isRefused: false };
        known = await this.known(task, memory);
      }
    }
    return { ...customer(known, memory), state: memory };
  }

  async byHand(task: PeeringTask): Promise<PeeringByHand> {
    const memory = readMemory(task.state);
    const { remote } = task.wanted ? await this.known(task, memory) : NOTHING;
    if (remote === undefined) return { manifests: null, questions: [] };
    const questions = memory.isRefused ? [] : isApplied(remote, memory) ? [REFUSED] : [APPLIED, REFUSED];
    return { manifests: this.manifests(task, remote), questions };
  }

  /** @param answers to questions that are asked. */
  async accept(task: PeeringTask, answers: readonly PeeringAnswer[]): Promise<DriverState> {
    const memory = readMemory(task.state);
    if (answerOf(answers, REFUSED.name) !== undefined) return { ...memory, applied: null, isRefused: true };
    const { remote } = await this.known(task, memory);
    return { ...memory, applied: remote === undefined ? null : digestOf(remote) };
  }

  /** The newest contract's first: what was brought under one that has ended cannot be used any more. */
  private async known(task: PeeringTask, memory: TokenMemory): Promise<Known> {
    let problem: CatalogError | undefined;
    for (const contract of newestFirst(task)) {
      const told = memory.contractID === contract.contractID ? memory.jwe : null;
      for (const jwe of [told, contract.documents.peering]) {
        if (jwe === null) continue;
        try {
          return { remote: await this.settings.material(contract, async () => materialReply(jwe)), problem: undefined };
        } catch (error) {
          if (!(error instanceof CatalogError)) throw error;
          problem ??= error;
        }
      }
    }
    return { remote: undefined, problem };
  }

  private manifests({ peer }: PeeringTask, remote: RemoteToken): string {
    const object = foreignCluster({ ...remote, name: remote.clusterName, tokenDigest: tokenDigest(remote.token) });
    const remarks = [`Customer of ${peer.clusterName} (Liqo 0.7 to 0.10). It holds a secret: keep it to yourself.`];
    return manifestText(remarks, [tokenSecret(this.settings.liqoNamespace, remote), object]);
  }
}

const NOTHING: Known = { remote: undefined, problem: undefined };

/** What the provider tells now; what went wrong is for the admin to read. */
async function ask(contract: Contract, exchange: PeeringExchange): Promise<string | CatalogError> {
  try {
    return readMaterialReply(await exchange(contract, MATERIAL_QUESTION));
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
}

function customer({ remote, problem }: Known, memory: TokenMemory): Omit<PeeringReport, "state" | "released"> {
  const isDone = remote !== undefined && isApplied(remote, memory);
  const isUnusable = remote === undefined && problem?.code === "DOCUMENT_INVALID";
  const got = remote !== undefined ? "DONE" : isUnusable ? "FAILED" : "WAITING";
  const steps: HandStep[] = [
    ["Get what Liqo needs from the provider", got],
    ["Apply the manifests", isDone ? "DONE" : remote === undefined ? "TODO" : "DOING"],
  ];
  if (isUnusable) {
    const whatToDo =
      "Settle it with the provider, or allow its address here if it is right; it is asked again by itself.";
    return told("FAILED", problem.message, whatToDo, steps);
  }
  if (remote === undefined) {
    const says = problem === undefined ? "" : ` It says: ${problem.message}`;
    const whatToDo = "Ask the provider for its Liqo address; the Connector asks for it by itself.";
    return told("WAITING", `The provider has not told how its Liqo is reached.${says}`, whatToDo, steps);
  }
  if (memory.isRefused)
    return told("WAITING", "The provider is asked for the token that its Liqo takes now.", null, steps);
  if (isDone)
    return told(
      "ESTABLISHED",
      "Everything was applied, as the admin says; whether the node is ready is for kubectl to tell.",
      null,
      steps,
    );
  const whatToDo = `Read peering(contractID) { manifests }, apply them with kubectl (they contain a secret), then answer "applied" by continuePeering.`;
  return told("WAITING", "The manifests are ready; somebody has to apply them.", whatToDo, steps);
}

function takeDown({ peer }: PeeringTask, liqoNamespace: string): Omit<PeeringReport, "state" | "released"> {
  const { clusterID } = peer;
  const selected = `foreignclusters.discovery.liqo.io -l ${CLUSTER_ID_LABEL}=${clusterID}`;
  const outgoing = '{.status.peeringConditions[?(@.type=="OutgoingPeering")].status}';
  const commands = [
    `kubectl get ${selected} -o name | xargs -r kubectl patch --type=merge -p '${JSON.stringify(stopReachingOut())}'`,
    `kubectl wait ${selected} --for=jsonpath='${outgoing}'=None --timeout=5m`,
    `kubectl delete ${selected}`,
    `kubectl delete secret ${tokenSecretRef(liqoNamespace, clusterID).name} -n ${liqoNamespace}`,
  ];
  return told(
    "GONE",
    "Nothing entitles to this peering any more, or you do not want it.",
    `If you had applied the manifests, in this order: ${commands.join("; ")} (where the peer buys here too, the first and the last alone).`,
    [],
  );
}

function newestFirst({ contracts }: PeeringTask): readonly Contract[] {
  return [...contracts].sort(
    (a, b) => (b.activatedAt ?? 0) - (a.activatedAt ?? 0) || (a.contractID < b.contractID ? 1 : -1),
  );
}

function isApplied(remote: RemoteToken, { applied }: TokenMemory): boolean {
  return applied === digestOf(remote);
}

/** Differs when the manifests do in what counts; tells nothing of the token. */
function digestOf({ clusterID, clusterName, authUrl, token }: RemoteToken): string {
  return [clusterID, clusterName, authUrl, tokenDigest(token)].join(" ");
}

function readMemory(state: DriverState): TokenMemory {
  const fields = fieldsOf(state);
  return {
    jwe: textIn(fields, "jwe"),
    contractID: textIn(fields, "contractID"),
    applied: textIn(fields, "applied"),
    isRefused: fields["isRefused"] === true,
  };
}
