import type { RequestContext } from "@catalog/server/graphql/listener-options";
import type { AdminViewer } from "../../domain/access.js";
import type { AdminStreams } from "./streams.js";

/** What every resolver of the admin API gets. */
export interface AdminContext extends RequestContext<AdminViewer> {
  readonly streams: AdminStreams;
}
