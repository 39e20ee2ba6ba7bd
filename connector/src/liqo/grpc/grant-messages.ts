import { formatQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "@catalog/schema/resource-list";

/**
 * The wire generation of Liqo's resource plugin: `v0.8` is spoken by Liqo 0.7 and 0.8, `v0.9` by 0.9 and 0.10. The two do
 * not recognise each other: a 0.8 client reads a `v0.9` answer as nothing granted.
 */
export type PluginWire = "v0.8" | "v0.9";

/** Message `ResourceList` of generation v0.8, as proto-loader takes it. */
export interface FlatResourceList {
  readonly resources: Readonly<Record<string, { readonly string: string }>>;
}

/** Message `PoolResourceList` of generation v0.9. */
export interface PooledResourceList {
  readonly resource_lists: readonly (FlatResourceList & { readonly pool_name: string; readonly pool_prefix: string })[];
}

const BINARY_RESOURCES = new Set(["memory", "ephemeral-storage"]);
const NANOS = 1_000_000_000n;

/**
 * The answer to ReadResources for a grant, in the given wire generation.
 *
 * Quantities are in Kubernetes' canonical form, because Liqo refuses a whole answer for one spelling it does not parse;
 * `pods` is rounded down to a whole number, because Liqo's virtual node refuses a fraction.
 */
export function grantMessage(grant: Amounts, wire: PluginWire): FlatResourceList | PooledResourceList {
  const resources = Object.fromEntries(
    Object.entries(grant)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, amount]) => [name, { string: quantityOf(name, amount) }]),
  );
  if (wire === "v0.8") return { resources };
  // One list with both names empty: a named pool that vanishes later would keep its offer for ever.
  return { resource_lists: [{ resources, pool_name: "", pool_prefix: "" }] };
}

/** A text that is equal for two grants exactly when their answers are equal. */
export function grantDigest(grant: Amounts): string {
  return JSON.stringify(grantMessage(grant, "v0.8"));
}

function quantityOf(name: string, amount: bigint): string {
  const granted = amount < 0n ? 0n : amount;
  if (name === "pods") return formatQuantity(granted - (granted % NANOS), "decimal");
  return formatQuantity(granted, BINARY_RESOURCES.has(name) || name.startsWith("hugepages-") ? "binary" : "decimal");
}
