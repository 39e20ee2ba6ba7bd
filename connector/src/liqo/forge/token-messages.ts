import { formatQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "@catalog/schema/resource-list";
import { CatalogError } from "@catalog/schema/errors";
import type { PeeringMessage } from "../../services/peerings/peering-ports.js";

/** What a customer may ask of a provider on Liqo 0.x. */
export type CustomerQuestion =
  | { readonly type: "material" }
  | { readonly type: "status"; readonly isIdentityRefused: boolean }
  | { readonly type: "ended" };

const JWE_MAX = 16_384;
const COMPACT_JWE = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}$/;

/** Reads a question; unknown members are refused, because a newer customer must not believe that they were understood. @throws CatalogError BAD_USER_INPUT */
export function readQuestion(message: PeeringMessage): CustomerQuestion {
  const { type, ...members } = message;
  if (type === "status") {
    const { identityRefused, ...others } = members;
    if (Object.keys(others).length === 0 && (identityRefused === undefined || typeof identityRefused === "boolean"))
      return { type, isIdentityRefused: identityRefused === true };
  } else if ((type === "material" || type === "ended") && Object.keys(members).length === 0) return { type };
  throw new CatalogError(
    "BAD_USER_INPUT",
    `"${shown(type)}" is no message that a provider with Liqo 0.x understands: material, status and ended are.`,
  );
}

/** Whoever calls may have sent anything for a type. */
function shown(type: unknown): string {
  return typeof type === "string" ? type.slice(0, 40) : "?";
}

export const MATERIAL_QUESTION: PeeringMessage = { type: "material" };
export const IDENTITY_REFUSED: PeeringMessage = { type: "status", identityRefused: true };

export function materialReply(jwe: string): PeeringMessage {
  return { type: "material", jwe };
}

/** The encrypted material in a provider's answer. @throws CatalogError DOCUMENT_INVALID */
export function readMaterialReply(reply: PeeringMessage): string {
  const { type, jwe } = reply;
  if (type === "material" && typeof jwe === "string" && jwe.length <= JWE_MAX && COMPACT_JWE.test(jwe)) return jwe;
  throw new CatalogError("DOCUMENT_INVALID", "The provider's answer holds no peering material.");
}

/** What the provider tells of its own side. */
export function statusReply(message: string, phase: string, granted: Amounts): PeeringMessage {
  const quantities = Object.entries(granted).map(([name, amount]) => [
    name,
    formatQuantity(amount, name === "memory" || name.endsWith("storage") ? "binary" : "decimal"),
  ]);
  return { type: "status", phase, message, granted: Object.fromEntries(quantities) as Record<string, string> };
}
