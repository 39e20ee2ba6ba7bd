import type { Contract } from "../../domain/contract.js";
import type { PeeringAnswer, PeeringByHand, PeeringQuestion } from "../../services/peerings/manifest.service.js";
import type { DriverState, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import { certificateProblem } from "../csr.js";
import {
  NONCE_SECRET,
  nonceSecret,
  tenant,
  tenantKeys,
  tenantNamespace,
  type TenantParts,
  type TenantPlace,
} from "../forge/handshake.js";
import {
  type CustomerMessage,
  type IdentityReply,
  type ProviderReply,
  readProviderReply,
} from "../forge/handshake-messages.js";
import { introductionProblem } from "../forge/introduction.js";
import { isSameJson } from "../forge/same-json.js";
import { grantedQuantities } from "../forge/slice-status.js";
import { sliceNameOf, tenantNamespaceOf } from "../forge/tenant-names.js";
import {
  answerOf,
  fieldsOf,
  type HandStep,
  manifestText,
  pastedObject,
  refusedAnswer,
  textIn,
  told,
} from "./by-hand.js";
import type { ManualSettings } from "./manual-settings.js";

/** What is remembered of a handshake with Liqo 1.x on the provider's side. */
export interface ProviderMemory {
  /** Liqo's, a text. */
  readonly nonce: string | null;
  /** The customer's, proven. */
  readonly parts: TenantParts | null;
  readonly identity: IdentityReply | null;
  /** What the admin has said the slice was given. */
  readonly granted: string | null;
  readonly isPeerDown: boolean;
}

type Told = Omit<PeeringReport, "released">;

const NONCE = /^[A-Za-z0-9+/]{16,254}={0,2}$/;

/** The provider's half of the handshake of Liqo 1.x where the admin carries what the cluster says. Nothing is given to apply before it is proven. */
export class HandshakeProvider {
  constructor(private readonly settings: ManualSettings) {}

  reconcile(task: PeeringTask): Told {
    if (!task.wanted) return { ...takeDown(task, this.settings), state: null };
    const memory = readMemory(task.state);
    return { ...this.report(task, memory), state: memory };
  }

  /** The answer to a customer's message. */
  answer(
    contract: Contract,
    message: CustomerMessage,
    state: DriverState,
  ): { reply: ProviderReply; state: DriverState } {
    const memory = readMemory(state);
    switch (message.type) {
      case "nonce":
        return { reply: memory.nonce === null ? PENDING : { type: "nonce", nonce: memory.nonce }, state };
      case "tenant":
        return this.letIn(contract, message, memory);
      case "status":
        return { reply: this.status(contract, memory), state };
      case "disconnect":
        return { reply: { type: "disconnected" }, state };
      case "ended":
        return { reply: { type: "ended" }, state: { ...memory, isPeerDown: true } };
      case "network":
        return {
          reply: {
            type: "refused",
            message: "this provider connects networks by hand: agree with its admin on liqoctl network.",
          },
          state,
        };
    }
  }

  byHand(task: PeeringTask): PeeringByHand {
    if (!task.wanted) return { manifests: null, questions: [] };
    const memory = readMemory(task.state);
    return { manifests: this.manifests(task, memory), questions: this.questions(task, memory) };
  }

  /** @param answers to questions that are asked. @throws BAD_USER_INPUT */
  accept(task: PeeringTask, answers: readonly PeeringAnswer[]): DriverState {
    const memory = readMemory(task.state);
    const nonce = answerOf(answers, "nonce");
    if (nonce !== undefined) return { ...memory, nonce: nonceIn(nonce), parts: null, identity: null };
    const pasted = answerOf(answers, "tenant");
    if (pasted !== undefined && memory.parts !== null)
      return { ...memory, identity: identityIn(pasted, task, memory.parts) };
    return { ...memory, granted: this.digest(task) };
  }

  private letIn(contract: Contract, parts: TenantParts, memory: ProviderMemory) {
    const { nonce } = memory;
    if (nonce === null) return { reply: PENDING, state: memory };
    const { clusterID, liqo } = contract.buyer;
    const { publicKey, csr, signature } = parts;
    const told = { publicKey, csr, signature };
    const problem = introductionProblem(told, { clusterID, publicKey: liqo.publicKey, nonce });
    if (problem !== undefined) return { reply: { type: "refused" as const, message: problem }, state: memory };
    const isSame = memory.parts !== null && isSameJson(memory.parts, told);
    const after = isSame ? memory : { ...memory, parts: told, identity: null };
    return { reply: after.identity ?? PENDING, state: after };
  }

  private status(contract: Contract, { identity, granted }: ProviderMemory): ProviderReply {
    const message = identity === null ? PENDING.message : "The provider's admin has let the customer in by hand.";
    const quantities = granted === null ? {} : grantedQuantities(this.settings.resourcesOf([contract]));
    return { type: "status", message, hasTenant: identity !== null, hasNetwork: false, granted: quantities };
  }

  private report(task: PeeringTask, memory: ProviderMemory): Omit<Told, "state"> {
    const { nonce, parts, identity } = memory;
    const isGranted = identity !== null && memory.granted === this.digest(task);
    const steps: HandStep[] = [
      ["Have Liqo make a nonce", nonce === null ? "DOING" : "DONE"],
      ["Wait for the customer", parts !== null ? "DONE" : nonce === null ? "TODO" : "WAITING"],
      ["Let the customer in", identity !== null ? "DONE" : parts === null ? "TODO" : "DOING"],
      ["Grant what was sold", isGranted ? "DONE" : identity === null ? "TODO" : "DOING"],
    ];
    if (nonce === null)
      return told("WAITING", "A nonce for the customer has to be made by hand.", APPLY_AND_TELL, steps);
    if (parts === null) return told("WAITING", "The customer has not introduced itself yet.", null, steps);
    if (identity === null)
      return told("WAITING", "The customer has proven who it is; its Tenant is to be applied.", APPLY_AND_TELL, steps);
    if (!isGranted)
      return told(
        "WAITING",
        "The customer is in; what it bought has to be written into its slice.",
        APPLY_AND_TELL,
        steps,
      );
    return told(
      "ESTABLISHED",
      "The customer was let in and given what it bought, as the admin says. Nobody watches it here.",
      null,
      steps,
    );
  }

  private questions(task: PeeringTask, memory: ProviderMemory): readonly PeeringQuestion[] {
    const { clusterID } = task.peer;
    const namespace = tenantNamespaceOf(clusterID);
    if (memory.nonce === null)
      return [
        {
          name: "nonce",
          description: "Once the manifests are applied: the nonce that Liqo has made.",
          command: `kubectl get secret ${NONCE_SECRET} -n ${namespace} -o jsonpath='{.data.nonce}' | base64 -d`,
        },
      ];
    if (memory.parts === null) return [];
    if (memory.identity === null)
      return [
        {
          name: "tenant",
          description: "Once the manifests are applied and Liqo has let the customer in: its Tenant with the status.",
          command: `kubectl get tenants.authentication.liqo.io ${clusterID} -n ${namespace} -o yaml`,
        },
      ];
    if (memory.granted === this.digest(task)) return [];
    const description = "Say yes once the slice has what was sold: the command stands at the top of the manifests.";
    return [{ name: "granted", description, command: this.grantCommand(task, memory.granted === null) }];
  }

  private manifests(task: PeeringTask, memory: ProviderMemory): string {
    const { peer } = task;
    const place = placeOf(task);
    const begin = [tenantNamespace(peer.clusterID, peer.fingerprint), nonceSecret(place)];
    if (memory.parts === null)
      return manifestText(
        [`Provider of ${peer.clusterName} (Liqo 1.x), first part: apply it, then answer the questions of the peering.`],
        begin,
      );
    const remarks = [
      `Provider of ${peer.clusterName} (Liqo 1.x). The request below names this customer alone and was checked against the contract.`,
      ...NOT_ENFORCED,
      "Once the customer's ResourceSlice is there and its condition Authentication is Accepted:",
      this.grantCommand(task, memory.granted === null),
    ];
    return manifestText(remarks, [...begin, tenant(place, memory.parts)]);
  }

  /** A status cannot be applied: it is written by a patch, which leaves Liqo's own condition where it is. */
  private grantCommand(task: PeeringTask, isFirst: boolean): string {
    const since = new Date((task.contracts[0]?.activatedAt ?? 0) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
    const condition = {
      type: "Resources",
      status: "Accepted",
      reason: "ResourceSliceResourcesAccepted",
      message: "Granted as bought.",
      lastTransitionTime: since,
    };
    const patch = [
      { op: "add", path: "/status/resources", value: this.quantities(task) },
      ...(isFirst ? [{ op: "add", path: "/status/conditions/-", value: condition }] : []),
    ];
    return patchCommand(task, this.settings.cluster.clusterID, patch);
  }

  private quantities(task: PeeringTask): Readonly<Record<string, string>> {
    return grantedQuantities(this.settings.resourcesOf(task.contracts));
  }

  /** Differs when what was sold has changed. */
  private digest(task: PeeringTask): string {
    return JSON.stringify(this.quantities(task));
  }
}

const PENDING = {
  type: "pending" as const,
  message: "The provider's admin does the peering by hand and has not come so far yet.",
};
const APPLY_AND_TELL =
  "Read peering(contractID) { manifests questions { name command } }, apply the manifests with kubectl, and give the answers to continuePeering.";
const NOT_ENFORCED = [
  "What is NOT enforced by hand: nobody watches the customer's slices, so every change of what it bought, and its end, has to be written here",
  "by the command below; and without the policies of `npm run policies` the customer can write another grant into its slice by itself.",
];

function patchCommand({ peer }: PeeringTask, ownID: string, patch: readonly object[]): string {
  const namespace = tenantNamespaceOf(peer.clusterID);
  return `kubectl patch resourceslices.authentication.liqo.io ${sliceNameOf(ownID)} -n ${namespace} --subresource=status --type=json -p '${JSON.stringify(patch)}'`;
}

function takeDown(task: PeeringTask, { cluster }: ManualSettings): Omit<Told, "state"> {
  const { clusterID } = task.peer;
  const namespace = tenantNamespaceOf(clusterID);
  const zeros = { cpu: "0", memory: "0", pods: "0" };
  const commands = [
    patchCommand(task, cluster.clusterID, [{ op: "add", path: "/status/resources", value: zeros }]),
    `kubectl patch tenants.authentication.liqo.io ${clusterID} -n ${namespace} --type=merge -p '{"spec":{"tenantCondition":"Drained"}}'`,
    `kubectl delete tenants.authentication.liqo.io ${clusterID} -n ${namespace}`,
    `kubectl delete namespace ${namespace}`,
  ];
  return told(
    "GONE",
    "No contract entitles this customer to anything.",
    `If you had let it in, in this order: ${commands.join("; ")} (the namespace only if you do not buy from it).`,
    [],
  );
}

function placeOf({ peer }: PeeringTask): TenantPlace {
  return { clusterID: peer.clusterID, fingerprint: peer.fingerprint, namespace: tenantNamespaceOf(peer.clusterID) };
}

/** @throws BAD_USER_INPUT unless it is a nonce, or the Secret that holds it. */
function nonceIn(answer: string): string {
  const isObject = answer.includes("kind");
  const encoded = isObject ? textIn(fieldsOf(pastedObject("nonce", answer, "Secret").data), "nonce") : null;
  const text = isObject ? Buffer.from(encoded ?? "", "base64").toString() : answer;
  if (!NONCE.test(text))
    throw refusedAnswer(
      "nonce",
      "must be the text that Liqo put into the Secret, decoded once; it comes a moment later.",
    );
  return text;
}

/** What the Tenant says of how the customer comes in. @throws BAD_USER_INPUT unless it is that of this customer, and complete. */
function identityIn(answer: string, { peer, contracts }: PeeringTask, parts: TenantParts): IdentityReply {
  const object = pastedObject("tenant", answer, "Tenant");
  const { clusterID, publicKey, csr, signature } = fieldsOf(object.spec);
  if (clusterID !== peer.clusterID || !isSameJson({ publicKey, csr, signature }, tenantKeys(parts)))
    throw refusedAnswer("tenant", "is not the Tenant of these manifests.");
  const { tenantNamespace: namespace, authParams } = fieldsOf(object.status);
  const { apiServer, ca, signedCRT, proxyURL } = fieldsOf(authParams);
  if (signedCRT === undefined)
    throw refusedAnswer("tenant", "has no certificate yet; look at its Events, or again in a moment.");
  const reply = readReply({
    type: "identity",
    namespace,
    authParams: {
      apiServer,
      signedCRT,
      ...(ca === undefined ? {} : { ca }),
      ...(proxyURL === undefined ? {} : { proxyURL }),
    },
  });
  const key = contracts[0]?.buyer.liqo.publicKey ?? "";
  const problem = certificateProblem(reply.authParams.signedCRT, { clusterID: peer.clusterID, publicKey: key });
  if (problem !== undefined) throw refusedAnswer("tenant", `holds a certificate that ${problem}.`);
  return reply;
}

function readReply(message: object): IdentityReply {
  try {
    const reply = readProviderReply(message);
    if (reply.type === "identity") return reply;
  } catch (error) {
    throw refusedAnswer("tenant", error instanceof Error ? error.message : "has not the form that it must have.");
  }
  throw refusedAnswer("tenant", "has not the form that it must have.");
}

function readMemory(state: DriverState): ProviderMemory {
  const fields = fieldsOf(state);
  const known = fieldsOf(fields["identity"]);
  const { publicKey, csr, signature } = fieldsOf(fields["parts"]);
  const isProven = typeof publicKey === "string" && typeof csr === "string" && typeof signature === "string";
  return {
    nonce: textIn(fields, "nonce"),
    parts: isProven ? { publicKey, csr, signature } : null,
    identity: known["type"] === "identity" ? (known as unknown as IdentityReply) : null,
    granted: textIn(fields, "granted"),
    isPeerDown: fields["isPeerDown"] === true,
  };
}
