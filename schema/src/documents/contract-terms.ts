import type { ContractTerms, Party } from "../contract.js";
import { CatalogError } from "../errors.js";
import { COST_PERIODS } from "../money.js";
import { OFFER_LIMITS, type Offer, type Plan } from "../offer.js";
import type { ResourceList } from "../resource-list.js";
import { Members } from "./members.js";
import { readOffer } from "./offer-members.js";
import type { JsonObject } from "./strict-json.js";

/**
 * The contract terms in a payload whose signatures are verified elsewhere: every member of the right type and within its
 * bounds, and no member that contradicts another (the plan's price and resources, above all). Throws
 * {@link CatalogError} DOCUMENT_INVALID.
 */
export function readTerms(payload: JsonObject): ContractTerms {
  const members = new Members("the contract", payload);
  members.equal("v", 1, "the version of this format");
  const renews = members.optional("renews", (name) => members.uuid(name));
  const offerRev = members.integer("offerRev", 1);
  const terms: ContractTerms = {
    v: 1,
    contractID: members.uuid("contractID"),
    ...(renews === undefined ? {} : { renews }),
    buyer: readParty(members.nested("buyer")),
    seller: readParty(members.nested("seller")),
    offer: readOffer(members),
    offerRev,
    termsRev: members.integer("termsRev", 1, offerRev),
    offerDigest: members.hash("offerDigest"),
    ...readBought(members),
    ...readPeriods(members),
  };
  checkAgainstOffer(members, terms);
  return terms;
}

function readParty(members: Members): Party {
  const liqo = members.nested("liqo");
  const publicKey = liqo.optional("publicKey", (name) => liqo.text(name, 4096));
  return {
    fingerprint: members.hash("fingerprint"),
    clusterID: members.clusterID("clusterID"),
    clusterName: members.line("clusterName", 253),
    prettyName: members.line("prettyName", 128),
    contractEndpoint: members.address("contractEndpoint"),
    encKey: members.publicKey("encKey", "X25519"),
    liqo: {
      mode: liqo.line("mode", 32),
      version: liqo.nullable("version", (name) => liqo.line(name, 64)),
      ...(publicKey === undefined ? {} : { publicKey }),
    },
  };
}

type Bought = Pick<ContractTerms, "planID" | "units" | "resources" | "cost" | "currency" | "period">;

function readBought(members: Members): Bought {
  return {
    planID: members.id("planID"),
    units: members.integer("units", 1, OFFER_LIMITS.planQuantity),
    resources: members.object("resources") as ResourceList,
    cost: members.amount("cost"),
    currency: members.matching("currency", /^[A-Z]{3}$/, "must be an ISO 4217 code"),
    period: members.oneOf("period", COST_PERIODS),
  };
}

type Periods = Pick<ContractTerms, "noticePeriod" | "validFrom" | "validUntil" | "reservedUntil" | "ackBy">;

function readPeriods(members: Members): Periods {
  const noticePeriod = members.optional("noticePeriod", (name) => members.integer(name));
  const validFrom = members.integer("validFrom");
  const validUntil = members.optional("validUntil", (name) => members.integer(name, validFrom + 1));
  const reservedUntil = members.integer("reservedUntil");
  return {
    ...(noticePeriod === undefined ? {} : { noticePeriod }),
    validFrom,
    ...(validUntil === undefined ? {} : { validUntil }),
    reservedUntil,
    ackBy: members.integer("ackBy", reservedUntil),
  };
}

function checkAgainstOffer(members: Members, terms: ContractTerms): void {
  const plan = terms.offer.plans.find((one) => one.planID === terms.planID);
  if (plan === undefined) throw members.refuse("planID", `names no plan of the offer ${terms.offer.offerID}`);
  if (terms.buyer.fingerprint === terms.seller.fingerprint)
    throw members.refuse("buyer", "and seller are one identity");
  if (terms.renews === terms.contractID) throw members.refuse("renews", "names the contract itself");
  const wrong = disagreement(terms, plan, terms.offer);
  if (wrong !== undefined)
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `the contract: ${wrong} is not that of the plan ${plan.planID} in the offer it copies`,
    );
}

function disagreement(terms: ContractTerms, plan: Plan, offer: Offer): string | undefined {
  if (terms.cost !== plan.planCost) return "cost";
  if (terms.currency !== plan.planCostCurrency) return "currency";
  if (terms.period !== plan.planCostPeriod) return "period";
  if ((terms.noticePeriod ?? null) !== (offer.noticePeriod ?? null)) return "noticePeriod";
  return sameResources(terms.resources, plan.resources) ? undefined : "resources";
}

/** Compares as written: the contract copies the plan, it does not convert it. */
function sameResources(a: ResourceList, b: ResourceList): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
