import type { PartyKeyOf } from "@catalog/schema/documents/contract-document";
import { thumbprint } from "@catalog/schema/documents/keys";
import { decryptMaterial } from "@catalog/schema/documents/peering-material";
import { CatalogError, isTransient } from "@catalog/schema/errors";
import { EndpointRefusedError } from "@catalog/server/outgoing/endpoint-refused.error";
import type { Contract } from "../../domain/contract.js";
import type { PeeringExchange } from "../../services/peerings/peering-ports.js";
import type { Identity } from "../../services/ports.js";
import { foreignAuthUrlProblem } from "../forge/foreign-auth-url.js";
import { peerNameProblem } from "../forge/kube-names.js";
import type { RemoteToken } from "../forge/token-secret.js";
import type { AddressGuard } from "./auth-probe.js";
import type { MaterialFailure } from "./customer-observation.js";
import { MATERIAL_QUESTION, readMaterialReply } from "../forge/token-messages.js";

const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** What the provider told cannot be used; asking again changes nothing until the provider does something. */
export class MaterialRefusedError extends CatalogError {
  constructor(
    reason: string,
    readonly whatToDo: string,
  ) {
    super("DOCUMENT_INVALID", `What the provider told of its Liqo cannot be used: ${reason}.`);
  }
}

/** Gets the provider's address and token, and believes nothing that it has not checked. */
export class MaterialDesk {
  /** @param peerKeys finds a key of a party by its thumbprint: after a rotation the contract's is not the present one. */
  constructor(
    private readonly identity: Pick<Identity, "fingerprint" | "keys">,
    private readonly guard: AddressGuard,
    private readonly peerKeys: PartyKeyOf,
  ) {}

  /**
   * Signed by the seller of this contract, for us and this contract, of the contract's cluster, at an address that may be called and that
   * a ForeignCluster accepts.
   * @throws CatalogError of the peer; MaterialRefusedError.
   */
  async fetch(contract: Contract, exchange: PeeringExchange): Promise<RemoteToken> {
    const jwe = readMaterialReply(await exchange(contract, MATERIAL_QUESTION));
    const { seller, contractID } = contract;
    const { parameters } = await decryptMaterial(jwe, this.identity.keys.encryption, {
      iss: seller.fingerprint,
      aud: this.identity.fingerprint,
      contractID,
      keyOf: async (kid, fingerprint) =>
        (await thumbprint(contract.counterpartyKey)) === kid
          ? contract.counterpartyKey
          : this.peerKeys(kid, fingerprint),
    });
    const { clusterID, clusterName, endpoint, token } = parameters;
    const ask = "Ask the provider to correct it; it is asked again by itself.";
    if (clusterID !== seller.clusterID)
      throw new MaterialRefusedError(
        `it is of cluster ${clusterID}, and the contract is with ${seller.clusterID}`,
        ask,
      );
    const names = peerNameProblem({ clusterID, clusterName });
    if (names !== undefined) throw new MaterialRefusedError(names, ask);
    if (endpoint === null) throw new MaterialRefusedError("it names no address of its authentication service", ask);
    if (token === null || !TOKEN.test(token)) throw new MaterialRefusedError("it holds no usable token", ask);
    await this.checkAddress(endpoint, ask);
    return { clusterID, clusterName, authUrl: endpoint, token, contractID };
  }

  private async checkAddress(endpoint: string, ask: string): Promise<void> {
    const pattern = foreignAuthUrlProblem(endpoint);
    if (pattern !== undefined)
      throw new MaterialRefusedError(`its address ${endpoint.slice(0, 200)} does not do: ${pattern}`, ask);
    try {
      await this.guard.check(endpoint);
    } catch (error) {
      if (!(error instanceof EndpointRefusedError)) throw error;
      const { rule, setting } = error.refusal;
      throw new MaterialRefusedError(
        `its address ${endpoint.slice(0, 200)} may not be used here: ${rule}`,
        setting === undefined ? ask : `If this address is right, allow it here by the setting ${setting}.`,
      );
    }
  }
}

/** How a failed question is told to the admin. Rethrows what is no answer of the peer or of the checks. */
export function failureOf(error: unknown): MaterialFailure {
  if (error instanceof MaterialRefusedError)
    return { message: error.message, whatToDo: error.whatToDo, isDefinitive: true };
  if (!(error instanceof CatalogError)) throw error;
  const isDefinitive = !isTransient(error.code);
  return {
    message: `The provider's Connector did not tell how to reach its Liqo: ${error.message}`,
    whatToDo: isDefinitive
      ? "Ask the provider what is wrong; it is asked again by itself."
      : "Nothing, if the provider is only away for a moment; it is asked again by itself.",
    isDefinitive,
  };
}
