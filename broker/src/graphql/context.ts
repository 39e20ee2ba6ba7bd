import type { RequestContext } from "@catalog/server/graphql/listener-options";

import { requirePermission, type Permission, type Viewer } from "../domain/viewer.js";
import type { ConsoleWatch } from "../services/console-watch.js";
import type { FeedPort } from "../services/feed-port.js";

/** What every resolver of the Broker is told about the operation it works for. */
export interface BrokerContext extends RequestContext<Viewer> {
  /** Whether everybody may read the catalog. */
  readonly isCatalogPublic: boolean;
  readonly feed: FeedPort;
  readonly watch: Pick<ConsoleWatch, "members" | "figures" | "joinStrings" | "readTokens">;
}

/** The watch of a caller who operates the Broker; a subscription is not asked for its permission before its first event otherwise. */
export function operatorsWatch({ context }: { readonly context: BrokerContext }): BrokerContext["watch"] {
  requirePermission(context.viewer, "OPERATE", context);
  return context.watch;
}

/** Decides for every field marked `@Authorized<Permission>`; throws the code that says why not. */
export const authorize = ({ context }: { context: BrokerContext }, permissions: readonly Permission[]): boolean => {
  for (const permission of permissions) requirePermission(context.viewer, permission, context);
  return true;
};
