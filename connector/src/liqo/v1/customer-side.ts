import { isIPv6 } from "node:net";
import { CatalogError, isTransient } from "@catalog/schema/errors";
import type { Clock } from "@catalog/server/clock";
import { EndpointRefusedError } from "@catalog/server/outgoing/endpoint-refused.error";
import type { PeeringExchange, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import { certificateProblem, makeCsr } from "../csr.js";
import { grantedQuantities } from "../forge/slice-status.js";
import { isUsableClusterID, requireUsableClusterID, sliceNameOf } from "../forge/tenant-names.js";
import type { KubeApi } from "../kube/kube-api.js";
import { NO_NODE, viewBoughtNode } from "./bought-node.js";
import { planCustomer } from "./customer-plan.js";
import type { Answers, CustomerAction, CustomerSeen, Heard, UnusableReply } from "./customer-seen.js";
import { planCustomerDown } from "./customer-take-down.js";
import { applyAction, neverThere, ownCidrs, reportOf, ROUNDS_MAX } from "./kube-actions.js";
import { asMessage, readProviderReply, type CustomerMessage, type ProviderReply } from "../forge/handshake-messages.js";
import { readLiqoKeys } from "./liqo-keys.js";
import { NO_REMAINS, viewRemains } from "./remains.js";
import { fieldsOf, type Plan, type Waits } from "./stages.js";
import { viewTenant } from "./tenant-view.js";
import type { V1Settings } from "./v1-settings.js";

/** What the customer's side keeps between two runs. */
interface CustomerMemory {
  readonly waits: Waits;
  /** The certificate request, exactly as it was sent, and the key that it is for: Liqo refuses other bytes for the same Tenant. */
  readonly csr: { readonly publicKey: string; readonly pem: string } | null;
}

/** One run of the customer's side: what is known so far. */
interface Run {
  readonly task: PeeringTask;
  readonly exchange: PeeringExchange;
  memory: CustomerMemory;
  answers: Answers;
}

/** Connects this cluster to one provider, and disconnects it. */
export class CustomerSide {
  constructor(
    private readonly kube: KubeApi,
    private readonly settings: V1Settings,
    private readonly clock: Clock,
  ) {}

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    const run: Run = { task, exchange, memory: readMemory(task.state), answers: {} };
    if (!isUp(task) && !isUsableClusterID(task.peer.clusterID)) return neverThere(task);
    try {
      requireUsableClusterID(task.peer.clusterID);
      return await this.go(run);
    } catch (error) {
      return reportOf(error, run.memory);
    }
  }

  private async go(run: Run): Promise<PeeringReport> {
    const isWantedUp = isUp(run.task);
    let seen = await this.look(run, isWantedUp);
    for (let round = 1; ; round++) {
      const plan: Plan<CustomerAction> = isWantedUp ? planCustomer(seen) : planCustomerDown(seen);
      const { action } = plan;
      const isTalk = action?.do === "ask" || action?.do === "prove";
      // A question is asked at each turn: what comes after it goes on waiting since it began to.
      if (!isTalk) run.memory = { ...run.memory, waits: plan.waits };
      if (action === undefined || round > ROUNDS_MAX) return { ...plan.report, state: run.memory };
      await this.act(action, run);
      // What the provider answers changes nothing in this cluster.
      seen = isTalk ? { ...seen, answers: run.answers } : await this.look(run, isWantedUp);
    }
  }

  private async look(run: Run, isUp: boolean): Promise<CustomerSeen> {
    const { task, answers, memory } = run;
    const { clusterID } = task.peer;
    const { ownID, account, className, liqoNamespace, gatewayService, patienceMs } = this.settings;
    const view = await viewTenant(this.kube, {
      clusterID,
      ownID,
      needsBinding: account !== null,
      withNetwork: true,
    });
    const namespace = view.namespace?.metadata.name;
    return {
      task,
      view,
      remains: isUp || namespace === undefined ? NO_REMAINS : await viewRemains(this.kube, namespace),
      answers,
      liqoKey:
        isUp && view.signedNonce !== undefined ? (await readLiqoKeys(this.kube, liqoNamespace))?.publicKey : undefined,
      node:
        isUp && namespace !== undefined
          ? await viewBoughtNode(this.kube, { clusterID, namespace, slice: sliceNameOf(clusterID) })
          : NO_NODE,
      resources: grantedQuantities(this.settings.resourcesOf(task.contracts)),
      className,
      account,
      networkFacts: {
        ownID,
        cidr: isUp && task.network ? await ownCidrs(this.kube, liqoNamespace) : undefined,
        liqoNamespace,
        gatewayService,
      },
      now: this.clock.now().getTime(),
      patienceMs,
      waits: memory.waits,
    };
  }

  private async act(action: CustomerAction, run: Run): Promise<void> {
    if (action.do === "ask") run.answers = { ...run.answers, ...(await this.ask(action.message, run)) };
    else if (action.do === "prove")
      run.answers = { ...run.answers, tenant: await this.introduce(action.signature, run) };
    else await applyAction(this.kube, action);
  }

  private async ask(message: CustomerMessage, run: Run): Promise<Answers> {
    if (message.type === "ended") {
      await this.send(message, run).catch(ignoreRefusal);
      return { ended: true };
    }
    if (message.type !== "status") return { [message.type]: await this.send(message, run) };
    // What is connected already does not depend on the provider's Connector being there.
    return { status: await this.send(message, run).catch((error: unknown) => pendingOf(error)) };
  }

  /** Sends what Liqo of the provider needs to let this cluster in. */
  private async introduce(signature: string, run: Run): Promise<Heard> {
    const { liqoNamespace, ownID } = this.settings;
    const keys = await readLiqoKeys(this.kube, liqoNamespace);
    if (keys === undefined) return { type: "pending", message: "Liqo here has no key." };
    const known = run.memory.csr;
    const pem = known?.publicKey === keys.publicKey ? known.pem : await makeCsr(keys.privateKey, ownID);
    run.memory = { ...run.memory, csr: { publicKey: keys.publicKey, pem } };
    const reply = await this.send({ type: "tenant", publicKey: keys.publicKey, csr: pem, signature }, run);
    if (reply.type !== "identity") return reply;
    const problem = certificateProblem(reply.authParams.signedCRT, { clusterID: ownID, publicKey: keys.publicKey });
    return problem === undefined ? reply : { type: "unusable", message: `its certificate ${problem}`, whatToDo: ASK };
  }

  private async send(message: CustomerMessage, { task, exchange }: Run): Promise<Heard> {
    const contract = task.contracts[0] ?? task.ending[0];
    if (contract === undefined) return { type: "pending", message: "There is no contract to speak of." };
    try {
      const reply = readProviderReply(await exchange(contract, asMessage(message)));
      for (const url of addressesIn(reply)) await this.settings.checkAddress(url);
      return reply;
    } catch (error) {
      return error instanceof EndpointRefusedError ? unusableAddress(error) : refusalOf(error);
    }
  }
}

const ASK = "Ask the provider to correct it; it is asked again by itself.";

function isUp({ wanted, contracts }: PeeringTask): boolean {
  return wanted && contracts.length > 0;
}

/** Every address that Liqo here would call because of an answer, as URLs. */
function addressesIn(reply: ProviderReply): readonly string[] {
  if (reply.type === "identity") {
    const { apiServer, proxyURL } = reply.authParams;
    return proxyURL === undefined ? [apiServer] : [apiServer, proxyURL];
  }
  if (reply.type !== "network" || reply.endpoint === null) return [];
  const { addresses, port } = reply.endpoint;
  return addresses.map((host) => `https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
}

/** Only the own admin reads it, so that it may tell everything. */
function unusableAddress({ refusal: { url, rule, setting } }: EndpointRefusedError): UnusableReply {
  return {
    type: "unusable",
    message: `its address ${url.slice(0, 120)} may not be used here: ${rule}`,
    whatToDo: setting === undefined ? ASK : `If this address is right, allow it here by the setting ${setting}.`,
  };
}

/** A refusal that is final is an answer; what passes by itself is thrown on. */
function refusalOf(error: unknown): ProviderReply {
  if (error instanceof CatalogError && !isTransient(error.code))
    return { type: "refused", message: error.message.slice(0, 900) };
  throw error;
}

function pendingOf(error: unknown): ProviderReply {
  if (error instanceof CatalogError) return { type: "pending", message: error.message.slice(0, 900) };
  throw error;
}

/** The provider finds out by itself that this side is down, only later. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof CatalogError)) throw error;
}

function readMemory(state: unknown): CustomerMemory {
  const { waits, csr } = fieldsOf(state);
  const { publicKey, pem } = fieldsOf(csr);
  return {
    waits: readWaits(waits),
    csr: typeof publicKey === "string" && typeof pem === "string" ? { publicKey, pem } : null,
  };
}

/** The times of a stored state; what is no time is left out. */
export function readWaits(waits: unknown): Waits {
  const entries = Object.entries(fieldsOf(waits)).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return Object.fromEntries(entries);
}
