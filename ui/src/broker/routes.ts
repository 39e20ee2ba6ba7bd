import type { Route } from "../lib/routing/routes.ts";

/** The pages of the Broker console; each is loaded when it is opened. */
export const routes: readonly Route[] = [
  { path: "/", title: "Parts", load: () => import("../features/design/DesignPage.svelte") },
  { path: "/design", title: "Parts", load: () => import("../features/design/DesignPage.svelte") },
];
