import { CatalogError, isTransient } from "@catalog/schema/errors";
import type { PeeringAnswer, PeeringByHand, PeeringQuestion } from "../../services/peerings/manifest.service.js";
import type {
  DriverState,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { certificateProblem } from "../csr.js";
import {
  identity,
  resourceSlice,
  SIGNED_NONCE_SECRET,
  signedNonceSecret,
  tenantNamespace,
  type TenantPlace,
} from "../forge/handshake.js";
import { type IdentityReply, type ProviderReply, readProviderReply } from "../forge/handshake-messages.js";
import { introductionProblem } from "../forge/introduction.js";
import { grantedQuantities } from "../forge/slice-status.js";
import { identityNameOf, sliceNameOf, tenantNamespaceOf } from "../forge/tenant-names.js";
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

/** What is remembered of a handshake with Liqo 1.x on the customer's side. */
export interface CustomerMemory {
  /** The provider's, a text. */
  readonly nonce: string | null;
  readonly csr: string | null;
  /** Liqo's, of that nonce, base64. */
  readonly signature: string | null;
  readonly identity: IdentityReply | null;
  /** What the admin has said is applied; differs when it has to be applied again. */
  readonly applied: string | null;
  /** What the provider last said against it. */
  readonly problem: string | null;
}

const UNKNOWN: CustomerMemory = {
  nonce: null,
  csr: null,
  signature: null,
  identity: null,
  applied: null,
  problem: null,
};

type Told = Omit<PeeringReport, "released">;

/** The customer's half of the handshake of Liqo 1.x where the admin carries what the cluster says. */
export class HandshakeCustomer {
  constructor(private readonly settings: ManualSettings) {}

  /** Speaks with the provider as far as that goes now. @throws CatalogError that passes. */
  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<Told> {
    if (!task.wanted) return { ...takeDown(task), state: null };
    let memory = readMemory(task.state);
    const ask = (message: PeeringMessage): Promise<ProviderReply> => this.ask(task, exchange, message);
    if (memory.identity !== null) {
      const status = await ask({ type: "status" }).catch(orUnknown);
      if (status?.type === "status" && !status.hasTenant) memory = UNKNOWN;
    }
    if (memory.nonce === null) memory = withNonce(memory, await ask({ type: "nonce" }));
    const parts = this.partsOf(task, memory);
    if (memory.identity === null && parts !== undefined)
      memory = withIdentity(memory, await ask({ type: "tenant", ...parts }));
    return { ...this.report(task, memory), state: memory };
  }

  byHand(task: PeeringTask): PeeringByHand {
    const memory = readMemory(task.state);
    if (!task.wanted || memory.nonce === null) return { manifests: null, questions: [] };
    return {
      manifests: this.manifests(task, memory.nonce, memory.identity),
      questions: this.questions(task, memory),
    };
  }

  /** @param answers to questions that are asked. @throws BAD_USER_INPUT */
  accept(task: PeeringTask, answers: readonly PeeringAnswer[]): DriverState {
    const memory = readMemory(task.state);
    if (answerOf(answers, APPLIED.name) !== undefined) return { ...memory, applied: this.digest(task) };
    const secret = answerOf(answers, "signedNonce");
    const csr = answerOf(answers, "csr");
    const after = {
      ...memory,
      ...(csr === undefined ? {} : { csr: `${csr}\n` }),
      ...(secret === undefined ? {} : { signature: signatureIn(secret) }),
    };
    const parts = this.partsOf(task, after);
    const problem = parts && introductionProblem(parts, { ...this.own(task), nonce: memory.nonce ?? "" });
    if (problem !== undefined)
      throw refusedAnswer(csr === undefined ? "signedNonce" : "csr", `cannot be what was asked for: ${problem}`);
    return { ...after, problem: null };
  }

  private async ask(task: PeeringTask, exchange: PeeringExchange, message: PeeringMessage): Promise<ProviderReply> {
    const [contract] = task.contracts;
    if (contract === undefined) return { type: "pending", message: "There is no contract to speak of." };
    try {
      const reply = readProviderReply(await exchange(contract, message));
      if (reply.type === "identity") await this.check(task, reply);
      return reply;
    } catch (error) {
      if (!(error instanceof CatalogError) || isTransient(error.code)) throw error;
      return { type: "refused", message: error.message.slice(0, 900) };
    }
  }

  /** @throws CatalogError for an identity that is not ours, or at an address that may not be called. */
  private async check(task: PeeringTask, { authParams }: IdentityReply): Promise<void> {
    const { apiServer, proxyURL, signedCRT } = authParams;
    await this.settings.checkAddress(apiServer);
    if (proxyURL !== undefined) await this.settings.checkAddress(proxyURL);
    const { clusterID, publicKey = "" } = this.own(task);
    const problem = certificateProblem(signedCRT, { clusterID, publicKey });
    if (problem !== undefined)
      throw new CatalogError("DOCUMENT_INVALID", `The certificate that the provider gives ${problem}.`);
  }

  private own({ contracts }: PeeringTask): { readonly clusterID: string; readonly publicKey: string | undefined } {
    const publicKey = contracts[0]?.buyer.liqo.publicKey ?? this.settings.cluster.publicKey ?? undefined;
    return { clusterID: contracts[0]?.buyer.clusterID ?? this.settings.cluster.clusterID, publicKey };
  }

  private partsOf(task: PeeringTask, { csr, signature }: CustomerMemory) {
    const { publicKey } = this.own(task);
    return csr === null || signature === null || publicKey === undefined ? undefined : { publicKey, csr, signature };
  }

  private report(task: PeeringTask, memory: CustomerMemory): Omit<Told, "state"> {
    const { nonce, identity: known, problem } = memory;
    const { publicKey } = this.own(task);
    if (publicKey === undefined)
      return told(
        "FAILED",
        "The contract names no key of this cluster's Liqo, without which no provider with Liqo 1.x lets it in.",
        "Set LIQO_PUBLIC_KEY to what Secret authentication-keys in Liqo's namespace holds as publicKey, then buy anew.",
        [],
      );
    const isIntroduced = this.partsOf(task, memory) !== undefined;
    const isApplied = known !== null && memory.applied === this.digest(task);
    const steps: HandStep[] = [
      ["Get a nonce from the provider", nonce === null ? "WAITING" : "DONE"],
      ["Have Liqo sign it", nonce === null ? "TODO" : isIntroduced || known !== null ? "DONE" : "DOING"],
      ["Be let in by the provider", known !== null ? "DONE" : isIntroduced ? "WAITING" : "TODO"],
      ["Apply the identity and the slice", known === null ? "TODO" : isApplied ? "DONE" : "DOING"],
    ];
    const says = problem === null ? "" : ` It says: ${problem}`;
    if (nonce === null) return told("WAITING", `The provider has not given a nonce yet.${says}`, null, steps);
    if (known === null && !isIntroduced)
      return told("WAITING", `The provider's nonce has to be signed here by hand.${says}`, APPLY_AND_TELL, steps);
    if (known === null) return told("WAITING", `The provider has not let this cluster in yet.${says}`, null, steps);
    if (!isApplied)
      return told(
        "WAITING",
        "The provider has let this cluster in; the rest is to be applied here.",
        APPLY_AND_TELL,
        steps,
      );
    return told(
      "ESTABLISHED",
      "Everything was applied, as the admin says; whether the node is ready is for kubectl to tell.",
      null,
      steps,
    );
  }

  private questions(task: PeeringTask, memory: CustomerMemory): readonly PeeringQuestion[] {
    const { liqoNamespace } = this.settings;
    const { clusterID } = this.own(task);
    const namespace = tenantNamespaceOf(task.peer.clusterID);
    if (memory.nonce === null) return [];
    if (memory.identity !== null) return memory.applied === this.digest(task) ? [] : [APPLIED];
    if (this.partsOf(task, memory) !== undefined) return [];
    return [
      {
        name: "signedNonce",
        description: "Once the manifests are applied: the provider's nonce as Liqo has signed it.",
        command: `kubectl get secret ${SIGNED_NONCE_SECRET} -n ${namespace} -o jsonpath='{.data.signedNonce}'`,
      },
      {
        name: "csr",
        description: "A certificate request with the key of this cluster's Liqo. The key itself stays where it is.",
        command: `kubectl get secret authentication-keys -n ${liqoNamespace} -o jsonpath='{.data.privateKey}' | base64 -d | openssl req -new -key /dev/stdin -subj /O=liqo.io/CN=${clusterID}`,
      },
    ];
  }

  private manifests(task: PeeringTask, nonce: string, known: IdentityReply | null): string {
    const place = placeOf(task);
    const { peer } = task;
    const begin = [tenantNamespace(peer.clusterID, peer.fingerprint), signedNonceSecret(place, nonce)];
    if (known === null)
      return manifestText(
        [`Customer of ${peer.clusterName} (Liqo 1.x), first part: apply it, then answer the questions of the peering.`],
        begin,
      );
    const slice = resourceSlice(place, this.settings.className, this.quantities(task));
    return manifestText(
      [`Customer of ${peer.clusterName} (Liqo 1.x): apply all of it, then answer "applied".`, NO_NETWORK],
      [...begin, identity(place, known.namespace, known.authParams), slice],
    );
  }

  private quantities(task: PeeringTask): Readonly<Record<string, string>> {
    return grantedQuantities(this.settings.resourcesOf(task.contracts));
  }

  /** Differs when what was bought has changed. */
  private digest(task: PeeringTask): string {
    return JSON.stringify(this.quantities(task));
  }
}

const APPLY_AND_TELL =
  "Read peering(contractID) { manifests questions { name command } }, apply the manifests with kubectl, and give the answers to continuePeering.";
const NO_NETWORK = "The networks are not connected by this; liqoctl network does that where both sides agree.";
const APPLIED: PeeringQuestion = {
  name: "applied",
  description: "Say yes once the manifests are applied.",
  command: null,
};

function takeDown({ peer }: PeeringTask): Omit<Told, "state"> {
  const namespace = tenantNamespaceOf(peer.clusterID);
  const commands = [
    `kubectl delete resourceslices.authentication.liqo.io ${sliceNameOf(peer.clusterID)} -n ${namespace}`,
    `kubectl delete identities.authentication.liqo.io ${identityNameOf(peer.clusterID)} -n ${namespace}`,
    `kubectl delete namespace ${namespace}`,
  ];
  return told(
    "GONE",
    "Nothing entitles to this peering any more, or you do not want it.",
    `If you had applied the manifests, in this order: ${commands.join("; ")} (the namespace only if the peer does not buy here).`,
    [],
  );
}

function placeOf({ peer }: PeeringTask): TenantPlace {
  return {
    clusterID: peer.clusterID,
    fingerprint: peer.fingerprint,
    namespace: tenantNamespaceOf(peer.clusterID),
  };
}

function withNonce(memory: CustomerMemory, reply: ProviderReply): CustomerMemory {
  if (reply.type === "nonce") return { ...memory, nonce: reply.nonce, problem: null };
  return { ...memory, problem: "message" in reply ? reply.message.slice(0, 300) : null };
}

function withIdentity(memory: CustomerMemory, reply: ProviderReply): CustomerMemory {
  if (reply.type === "identity") return { ...memory, identity: reply, problem: null };
  const problem = "message" in reply ? reply.message.slice(0, 300) : null;
  // A refusal needs other answers, and perhaps another nonce.
  return reply.type === "refused" ? { ...UNKNOWN, problem } : { ...memory, problem };
}

/** That the provider is away changes nothing about what it has given before. */
function orUnknown(error: unknown): undefined {
  if (!(error instanceof CatalogError)) throw error;
}

/** @throws BAD_USER_INPUT unless it is the signature, or the Secret that holds it. */
function signatureIn(answer: string): string {
  const name = "signedNonce";
  const isObject = answer.includes("kind");
  const data = isObject ? fieldsOf(pastedObject(name, answer, "Secret").data) : {};
  const text = isObject ? textIn(data, name) : answer;
  if (text === null || text.length > 512 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw refusedAnswer(name, "must be base64; Liqo fills it a moment after the Secret was applied.");
  return text;
}

function readMemory(state: DriverState): CustomerMemory {
  const fields = fieldsOf(state);
  const known = fieldsOf(fields["identity"]);
  const text = (name: keyof CustomerMemory): string | null => textIn(fields, name);
  return {
    nonce: text("nonce"),
    csr: text("csr"),
    signature: text("signature"),
    identity: known["type"] === "identity" ? (known as unknown as IdentityReply) : null,
    applied: text("applied"),
    problem: text("problem"),
  };
}
