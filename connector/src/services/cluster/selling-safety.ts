import { CatalogError } from "@catalog/schema/errors";
import type { ClusterDriver } from "../ports.js";

/** Sells nothing while a customer could take more than it buys. The buyer learns that it has to wait, not where the cluster is open. @throws UNAVAILABLE */
export function requireSafeSelling(driver: Pick<ClusterDriver, "safety">): void {
  if (driver.safety().isSellingAllowed) return;
  const message = "This provider's cluster is not ready to let customers in; its admin is told. Ask again.";
  throw new CatalogError("UNAVAILABLE", message, { reason: "SELLER_NOT_READY" });
}
