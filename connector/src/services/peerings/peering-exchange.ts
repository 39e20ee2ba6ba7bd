import { CatalogError } from "@catalog/schema/errors";
import type { PeerDirectory } from "../contracts/peer-directory.js";
import { MAX_MESSAGE, type PeeringExchange, type PeeringMessage } from "./peering-ports.js";
import type { PeeringClient } from "../ports.js";

/** The way to the provider's driver: over the contract endpoint of the seller. */
export function peeringExchange(directory: PeerDirectory, client: PeeringClient): PeeringExchange {
  return async (contract, message) => {
    const peer = await directory.addressOf(contract);
    const call = { contractID: contract.contractID, message: JSON.stringify(message) };
    return readReply(await client.exchangePeering(peer, call));
  };
}

/** @throws PEER_UNREACHABLE for what no provider's driver says; it passes when the provider is mended. */
function readReply(text: string): PeeringMessage {
  if (text.length > MAX_MESSAGE)
    throw new CatalogError(
      "PEER_UNREACHABLE",
      `The provider's answer about the peering has more than ${MAX_MESSAGE} characters.`,
    );
  try {
    const reply: unknown = JSON.parse(text);
    if (typeof reply === "object" && reply !== null && "type" in reply && typeof reply.type === "string")
      return reply as PeeringMessage;
  } catch (error) {
    throw new CatalogError("PEER_UNREACHABLE", "The provider's answer about the peering is not JSON.", {
      cause: String(error),
    });
  }
  throw new CatalogError("PEER_UNREACHABLE", "The provider's answer about the peering has no type.");
}
