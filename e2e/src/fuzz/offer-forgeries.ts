import { TYP } from "@catalog/schema/documents/jws";
import type { ErrorCode } from "@catalog/schema/errors";
import type { Offer, Plan } from "@catalog/schema/offer";
import { flipBit, type Members, signTexts, spareBits } from "./forge.js";
import { anOffer, type Stranger } from "./stranger.js";

/** One document that a Broker must not take from a member. */
export interface OfferForgery {
  readonly what: string;
  readonly code: ErrorCode;
  forge(member: Stranger, other: Stranger): string;
}

const BASE = anOffer("forged");
const [PLAN] = BASE.plans;

/** An offer with other members than an offer may have. */
const offer =
  (changes: Members) =>
  (member: Stranger): string =>
    member.offer({ ...BASE, ...changes }, { stock: { one: 4 } });
/** An offer whose only plan is changed. */
const plan =
  (changes: Members, stock: Members = { one: 4 }) =>
  (member: Stranger): string =>
    member.offer({ ...BASE, plans: [{ ...PLAN, ...changes } as unknown as Plan] }, { stock });
/** A document around a valid offer that is changed. */
const outer =
  (changes: Members) =>
  (member: Stranger): string =>
    member.offer(BASE, changes);
const manyPlans = (count: number, of = (n: number) => `p${n}`): readonly Plan[] =>
  Array.from({ length: count }, (_, n) => ({ ...PLAN, planID: of(n) }) as Plan);

function of(code: ErrorCode, ways: Readonly<Record<string, OfferForgery["forge"]>>): OfferForgery[] {
  return Object.entries(ways).map(([what, forge]) => ({ what, code, forge }));
}

export const OFFER_FORGERIES: readonly OfferForgery[] = [
  ...of("DOCUMENT_NOT_YOURS", {
    "another member's offer, handed on": (_, other) => other.offer(BASE),
    "in the name of another member": (member, other) => member.offer(BASE, { iss: other.fingerprint }),
    "in nobody's name": outer({ iss: undefined }),
  }),
  ...of("DOCUMENT_TOO_LARGE", {
    "more than 32 KiB": (member) =>
      member.offer({
        ...BASE,
        labels: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`l${n}`, "x".repeat(1_200)])),
      }),
    "a megabyte less than a body": (member) => member.offer({ ...BASE, description: "x".repeat(100_000) }),
  }),
  ...of("DOCUMENT_INVALID", {
    "no JWS": () => "not a document",
    nothing: () => "",
    "a bit of the signature": (member) => flipBit(member.offer(BASE), 2),
    "a bit of the payload": (member) => flipBit(member.offer(BASE), 1, 8 * 60),
    "another text of the signature": (member) => spareBits(member.offer(BASE), 2) ?? "",
    padding: (member) => `${member.offer(BASE)}==`,
    "white space around": (member) => ` ${member.offer(BASE)}\n`,
    "signed by another member": (member, other) =>
      other.sign(TYP.offer, member.offerPayload(BASE), { kid: member.keys.signing.kid }),
    "another member's kid": (member, other) =>
      member.sign(TYP.offer, member.offerPayload(BASE), { kid: other.keys.signing.kid }),
    "typ of a withdrawal": (member) => member.sign(TYP.withdrawal, member.offerPayload(BASE)),
    "a withdrawal among offers": (member) => member.withdrawal("forged"),
    "a descriptor among offers": (member) => member.descriptor(),
    "alg none": (member) => member.sign(TYP.offer, member.offerPayload(BASE), { alg: "none" }),
    "its key in the header": (member) =>
      member.sign(TYP.offer, member.offerPayload(BASE), { jwk: member.keys.signing.publicJwk }),
    "two revs": (member) => {
      const body = JSON.stringify(member.offerPayload(BASE));
      const head = JSON.stringify({ alg: "EdDSA", typ: TYP.offer, kid: member.keys.signing.kid });
      return signTexts(member.keys, head, `{"rev":1,${body.slice(1)}`);
    },
    "an unpaired surrogate": (member) => {
      const body = JSON.stringify(member.offerPayload(BASE)).replace("From a", "From \\ud83d a");
      const head = JSON.stringify({ alg: "EdDSA", typ: TYP.offer, kid: member.keys.signing.kid });
      return signTexts(member.keys, head, body);
    },
    "rev as text": outer({ rev: "1", termsRev: 1 }),
    "rev 0": outer({ rev: 0, termsRev: 0 }),
    "rev negative": outer({ rev: -5, termsRev: -5 }),
    "rev with a fraction": outer({ rev: 1.5, termsRev: 1 }),
    "rev beyond 2^53": outer({ rev: 2 ** 60, termsRev: 1 }),
    "termsRev above rev": outer({ termsRev: Date.now() + 86_400_000 }),
    "no iat": outer({ iat: undefined }),
    "no stock": outer({ stock: undefined }),
    "stock of an unknown plan": outer({ stock: { one: 4, two: 1 } }),
    "stock of no plan": outer({ stock: {} }),
    "stock above the quantity": outer({ stock: { one: 5 } }),
    "negative stock": outer({ stock: { one: -1 } }),
    "stock with a fraction": outer({ stock: { one: 0.5 } }),
    "stock as text": outer({ stock: { one: "4" } }),
    "an offer that is null": outer({ offer: null }),
    "no plans": offer({ plans: [] }),
    "51 plans": (member) => member.offer({ ...BASE, plans: manyPlans(51) }),
    "a plan twice": (member) => member.offer({ ...BASE, plans: manyPlans(2, () => "one") }, { stock: { one: 4 } }),
    "plans as an object": offer({ plans: { one: PLAN } }),
    "an offerID with a slash": offer({ offerID: "../etc" }),
    "an offerID of 64 characters": offer({ offerID: "x".repeat(64) }),
    "an empty offerID": offer({ offerID: "" }),
    "an offerID as a number": offer({ offerID: 7 }),
    "an offerID with SQL": offer({ offerID: "x'; DROP TABLE members; --" }),
    "a blank name": offer({ offerName: " \u00a0 " }),
    "a name of 129 characters": offer({ offerName: "x".repeat(129) }),
    "a name with a line feed": offer({ offerName: "a\nb" }),
    "a name with an escape": offer({ offerName: "a\u001b[31mb" }),
    "a name that runs backwards": offer({ offerName: "a\u202eb" }),
    "a name with DEL": offer({ offerName: "a\u007fb" }),
    "a name that is an object": offer({ offerName: { toString: "x" } }),
    "a description of 4,097 characters": offer({ description: "x".repeat(4_097) }),
    "a description with U+0000": offer({ description: "a\u0000b" }),
    "status as text": offer({ status: "true" }),
    "approval unknown": offer({ approval: "NEVER" }),
    "capacity in lower case": offer({ capacity: "declared" }),
    "created in the future of numbers": offer({ created: 1e300 }),
    "33 labels": offer({ labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, "x"])) }),
    "a label's name with a space": offer({ labels: { "a b": "x" } }),
    "a label that is a number": offer({ labels: { region: 7 } }),
    "a negative notice": offer({ noticePeriod: -1 }),
    "a notice of 11 years": offer({ noticePeriod: 350_000_000 }),
    "a price with 7 decimals": plan({ planCost: 0.0000001 }),
    "a price with 7 decimals above 1": plan({ planCost: 1.0000001 }),
    "a negative price": plan({ planCost: -0.01 }),
    "a price above 10^9": plan({ planCost: 1_000_000_001 }),
    "a price as text": plan({ planCost: "12.50" }),
    "a price that is null": plan({ planCost: null }),
    "a currency that is none": plan({ planCostCurrency: "XYZ" }),
    "a currency in lower case": plan({ planCostCurrency: "eur" }),
    "a period that is none": plan({ planCostPeriod: "decade" }),
    "a negative quantity": plan({ planQuantity: -1 }, { one: 0 }),
    "a quantity above a million": plan({ planQuantity: 1_000_001 }),
    "a quantity with a fraction": plan({ planQuantity: 1.5 }, { one: 1 }),
    "no resources": plan({ resources: {} }),
    "resources as a list": plan({ resources: ["cpu"] }),
    "a negative amount": plan({ resources: { cpu: "-1" } }),
    "an amount as a number": plan({ resources: { cpu: 1 } }),
    "an amount of nonsense": plan({ resources: { cpu: "much" } }),
    "an empty amount": plan({ resources: { cpu: "" } }),
    "an amount with white space": plan({ resources: { cpu: " 1" } }),
    "an amount of 10^99": plan({ resources: { cpu: "1e99" } }),
    "an amount of a million digits' exponent": plan({ resources: { cpu: "1e1000000" } }),
    "an amount finer than 1n": plan({ resources: { cpu: "0.1n" } }),
    "ram and memory": plan({ resources: { ram: "1Gi", memory: "1Gi" } }),
    "a resource's name with a space": plan({ resources: { "my cpu": "1" } }),
    "a resource named __proto__": (member) => {
      const body = JSON.stringify(member.offerPayload(BASE)).replace('"cpu"', '"__proto__"');
      const head = JSON.stringify({ alg: "EdDSA", typ: TYP.offer, kid: member.keys.signing.kid });
      return signTexts(member.keys, head, body);
    },
  }),
  ...of("NUMBER_AHEAD", {
    "a rev 11 minutes ahead": outer({ rev: Date.now() + 11 * 60_000 }),
    "a rev 100 years ahead": outer({ rev: Date.now() + 100 * 365 * 86_400_000 }),
  }),
];

/** Unusual and valid: these a Broker takes. */
export const HONEST_OFFERS: Readonly<Record<string, Partial<Offer>>> = {
  "names in many scripts": { offerName: "云 ☁️ облако سحابة 🧑‍💻", description: "a\tb\r\nc" },
  "50 plans": { plans: manyPlans(50) },
  "a price of nothing and one of a millionth": {
    plans: [
      { ...PLAN, planID: "free", planCost: 0 } as Plan,
      {
        ...PLAN,
        planID: "dust",
        planCost: 0.000001,
        resources: { "nvidia.com/gpu": "1", cpu: "1n", memory: "7Ei" } as Plan["resources"],
      } as Plan,
    ],
  },
  "HTML in its description": { description: "<img src=x onerror=alert(1)>'; DROP TABLE members; --" },
};
