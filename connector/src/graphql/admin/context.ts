import type { RequestContext } from "@catalog/server/graphql/listener-options";
import type { AdminStreams } from "./streams.js";

/** Who uses the admin API: whoever holds the admin token. */
export interface AdminViewer {
  /** As the activity list names it. */
  readonly actor: string;
}

/** What every resolver of the admin API gets. */
export interface AdminContext extends RequestContext<AdminViewer> {
  readonly streams: AdminStreams;
}
