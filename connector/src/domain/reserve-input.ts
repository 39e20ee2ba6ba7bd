import type { BuyerInput, ReserveInput } from "@catalog/schema/operations";
import { parsePublicJwk } from "@catalog/schema/documents/keys";
import { CatalogError } from "@catalog/schema/errors";
import { Members } from "@catalog/schema/documents/members";
import type { BuyerParty, PurchaseRequest } from "./contract.js";

/** Reads a request that came over the wire. @throws CatalogError BAD_USER_INPUT that names the field that is wrong. */
export function readReserveInput(input: ReserveInput): PurchaseRequest {
  const members = new Members("the request", { ...input }, "BAD_USER_INPUT");
  return {
    contractID: members.uuid("contractID"),
    offerID: members.id("offerID"),
    planID: members.id("planID"),
    units: members.integer("units", 1),
    termsRev: members.integer("termsRev", 1),
    validUntil: members.has("validUntil") ? members.nullable("validUntil", (name) => members.integer(name, 1)) : null,
    renews: members.has("renews") ? members.nullable("renews", (name) => members.uuid(name)) : null,
    buyer: readBuyer(input.buyer),
  };
}

function readBuyer(input: BuyerInput): BuyerParty {
  const members = new Members("the request: buyer", { ...input }, "BAD_USER_INPUT");
  const liqo = new Members("the request: buyer: liqo", { ...input.liqo }, "BAD_USER_INPUT");
  return {
    clusterID: members.clusterID("clusterID"),
    clusterName: members.line("clusterName", 253),
    prettyName: members.line("prettyName", 128),
    contractEndpoint: members.address("contractEndpoint"),
    encKey: readKey(input.encKey),
    liqo: {
      mode: liqo.line("mode", 32),
      version: liqo.has("version") ? liqo.nullable("version", (name) => liqo.line(name, 64)) : null,
      ...((input.liqo.publicKey ?? null) === null ? {} : { publicKey: liqo.text("publicKey", 4096) }),
    },
  };
}

function readKey(text: string): BuyerParty["encKey"] {
  try {
    return parsePublicJwk(JSON.parse(text), "X25519", "the request: buyer: encKey");
  } catch {
    throw new CatalogError(
      "BAD_USER_INPUT",
      "buyer.encKey must be the JSON text of a public X25519 key: kty, crv and x.",
    );
  }
}

/** The request as it goes over the wire. */
export function reserveInputOf(request: PurchaseRequest): ReserveInput {
  const { encKey, liqo, ...buyer } = request.buyer;
  return {
    ...request,
    buyer: {
      ...buyer,
      encKey: JSON.stringify(encKey),
      liqo: { mode: liqo.mode, version: liqo.version, publicKey: liqo.publicKey ?? null },
    },
  };
}
