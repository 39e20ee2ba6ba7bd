import { type Amount, formatQuantity } from "@catalog/schema/quantity";

/** An amount of a resource as Kubernetes writes it: bytes in Ki, Mi, Gi. */
export function formatAmount(resource: string, amount: Amount): string {
  return formatQuantity(amount, isBinary(resource) ? "binary" : "decimal");
}

function isBinary(resource: string): boolean {
  return resource === "memory" || resource.endsWith("storage") || resource.startsWith("hugepages-");
}
