import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import { TYP } from "@catalog/schema/documents/jws";
import { checkProof } from "@catalog/schema/documents/request-proof";
import type { Offer } from "@catalog/schema/offer";
import type { ConfirmVariables, Negotiation, ReserveInput } from "@catalog/schema/operations";
import { type Members, nowSeconds, sha256 } from "./forge.js";
import { termsHashOf } from "./stranger-purchase.js";
import type { Stranger } from "./stranger.js";

/** An answer that is no answer of the protocol. */
export interface RawAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a seller does otherwise than WIRE.md section 9 says. */
export interface Twist {
  /** The payload of the terms that it freezes. */
  terms?(terms: Members): Members;
  /** Who signs the terms. */
  signer?: Stranger;
  /** What it answers to an operation in the place of the honest view. */
  view?(operation: string, view: Negotiation): Partial<Negotiation>;
  /** The payload of its activation. */
  activation?(activation: Members): Members;
  /** What its Liqo answers to a message about the peering. */
  exchange?(message: string): string;
  /** What it answers in the place of GraphQL. */
  raw?(operation: string): RawAnswer | undefined;
}

/** The variables of all operations together. */
type Asked = Partial<
  ConfirmVariables & { readonly input: ReserveInput; readonly notice: string; readonly message: string }
>;

/** One request as it came in, its proof checked against the caller's descriptor. */
interface Call {
  readonly operation: string;
  readonly contractID: string;
  readonly proof: string;
}

/** A contract endpoint that is none of ours, made from WIRE.md: it sells one offer, as honestly as its twist lets it. */
export class StrangerSeller {
  /** For contracts that it is asked for from now on. */
  twist: Twist = {};
  readonly calls: Call[] = [];
  readonly #server: Server;
  readonly #twists = new Map<string, Twist>();
  readonly #views = new Map<string, Negotiation>();
  #version = 0;
  #descriptor = "";
  #offer: { readonly offer: Offer; readonly rev: number; readonly digest: string } | undefined;

  private constructor(
    readonly stranger: Stranger,
    private readonly customer: Descriptor,
    private readonly liqo: Members,
  ) {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** @param liqo what it says that its Liqo is. */
  static async listen(
    stranger: Stranger,
    customer: Descriptor,
    liqo: Members = { mode: "manual", version: null },
  ): Promise<StrangerSeller> {
    const seller = new StrangerSeller(stranger, customer, liqo);
    await new Promise<void>((resolve) => seller.#server.listen(0, "127.0.0.1", resolve));
    seller.#descriptor = stranger.descriptor({ clusterContractEndpoint: seller.endpoint, liqo });
    return seller;
  }

  get endpoint(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  get descriptor(): string {
    return this.#descriptor;
  }

  /** The document of the offer that it sells from now on. */
  sell(offer: Offer): string {
    const payload = this.stranger.offerPayload(offer);
    const document = this.stranger.sign(TYP.offer, payload);
    this.#offer = { offer, rev: Number(payload["rev"]), digest: sha256(document.split(".").slice(0, 2).join(".")) };
    return document;
  }

  /** The operations that were asked about one contract, in their order. */
  asked(contractID: string): string[] {
    return this.calls.filter((call) => call.contractID === contractID).map((call) => call.operation);
  }

  /** Is honest from now on, about every contract. */
  reform(): void {
    this.twist = {};
    this.#twists.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { query, variables = {} } = JSON.parse(body.toString()) as { query: string; variables?: Asked };
    const operation = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "";
    const contractID = variables.input?.contractID ?? variables.contractID ?? "";
    if (operation === "Reserve" && this.asked(contractID).length === 0) this.#twists.set(contractID, this.twist);
    const raw = this.#twistOf(contractID).raw?.(operation);
    this.calls.push({ operation, contractID, proof: await this.#provenBy(request, body) });
    if (raw)
      return void response.writeHead(raw.status ?? 200, { "content-type": "text/html", ...raw.headers }).end(raw.body);
    const data = this.#answer(operation, contractID, variables);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
  }

  /** Checks the caller's proof as WIRE.md section 5 says; "none" where there is none. */
  async #provenBy(request: IncomingMessage, body: Buffer): Promise<string> {
    const jws = /^Catalog (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (jws === undefined) return "none";
    const expected = {
      aud: this.stranger.fingerprint,
      method: "POST",
      path: "/graphql",
      bodyHash: sha256(body),
      now: nowSeconds(),
    };
    const proof = await checkProof(jws, expected, (_, iss) =>
      iss === this.customer.iss ? this.customer.keys.sig : undefined,
    );
    return proof.iss;
  }

  #twistOf(contractID: string): Twist {
    return this.#twists.get(contractID) ?? {};
  }

  #answer(operation: string, contractID: string, variables: Asked): object {
    if (operation === "Descriptor") return { descriptor: this.#descriptor };
    if (operation === "ExchangePeering")
      return { exchangePeering: this.#twistOf(contractID).exchange?.(variables.message ?? "") ?? "{}" };
    if (operation === "Negotiations") return { negotiations: [...this.#views.values()] };
    const before = this.#views.get(contractID);
    const view = this.#next(operation, contractID, variables, before);
    this.#views.set(contractID, view);
    const shown = { ...view, ...this.#twistOf(contractID).view?.(operation, view) };
    return { [operation.toLowerCase()]: shown };
  }

  #next(operation: string, contractID: string, variables: Asked, before?: Negotiation): Negotiation {
    const { version, incarnation } = { version: ++this.#version, incarnation: "1700000000000-abcdef" };
    const blank = { contractID, version, incarnation, state: "TERMINATED", ...NOTHING } as const;
    if (operation === "Reserve") return { ...blank, state: "RESERVED", terms: this.#terms(variables.input) };
    if (before === undefined || operation === "Terminate")
      return { ...blank, ...before, version, state: "TERMINATED", notice: variables.notice ?? null };
    if (operation === "Confirm")
      return {
        ...before,
        version,
        state: "CONFIRMED",
        contract: contractOf(before.terms ?? "", variables),
      };
    const activation = {
      iss: this.stranger.fingerprint,
      contractID,
      termsHash: termsHashOf(before.terms ?? ""),
      activatedAt: nowSeconds(),
      incarnation,
    };
    return {
      ...before,
      version,
      state: "ACTIVE",
      activation: this.stranger.sign(TYP.activation, this.#twistOf(contractID).activation?.(activation) ?? activation),
    };
  }

  #terms(input: ReserveInput | undefined): string {
    const sold = this.#offer;
    const plan = sold?.offer.plans.find((one) => one.planID === input?.planID);
    if (!sold || !plan || !input) throw new Error("there is no such plan");
    const { mode, version, publicKey } = input.buyer.liqo;
    const { stranger } = this;
    const twist = this.#twistOf(input.contractID);
    const terms = {
      v: 1,
      contractID: input.contractID,
      buyer: {
        ...input.buyer,
        fingerprint: this.customer.iss,
        encKey: JSON.parse(input.buyer.encKey) as unknown,
        liqo: publicKey === null ? { mode, version } : { mode, version, publicKey },
      },
      seller: {
        fingerprint: stranger.fingerprint,
        clusterID: stranger.clusterID,
        clusterName: stranger.name,
        prettyName: `The ${stranger.name}`,
        contractEndpoint: this.endpoint,
        encKey: stranger.keys.encryption.publicJwk,
        liqo: this.liqo,
      },
      offer: sold.offer,
      offerRev: sold.rev,
      termsRev: sold.rev,
      offerDigest: sold.digest,
      planID: plan.planID,
      units: input.units,
      resources: plan.resources,
      cost: plan.planCost,
      currency: plan.planCostCurrency,
      period: plan.planCostPeriod,
      validFrom: nowSeconds(),
      ...(input.validUntil === null ? {} : { validUntil: input.validUntil }),
      reservedUntil: nowSeconds() + 120,
      ackBy: nowSeconds() + 720,
    };
    return (twist.signer ?? stranger).sign(TYP.contract, twist.terms?.(terms) ?? terms);
  }
}

const NOTHING = {
  code: null,
  message: null,
  reservedUntil: null,
  terms: null,
  contract: null,
  activation: null,
  peering: null,
  notice: null,
  validUntil: null,
  releasedAt: null,
} as const;

/** WIRE.md section 2.4. */
function contractOf(terms: string, { protected: header, signature }: Asked): string {
  const [own = "", payload = "", ownSignature = ""] = terms.split(".");
  return JSON.stringify({
    payload,
    signatures: [
      { protected: own, signature: ownSignature },
      { protected: header, signature },
    ],
  });
}
