import type { Route } from "../lib/routing/routes.ts";

/** The pages of the Broker console; each is loaded when it is opened. */
export const routes: readonly Route[] = [
  { path: "/", title: "Overview", load: () => import("../features/broker-home/BrokerHomePage.svelte") },
  { path: "/members", title: "Members", load: () => import("../features/members/MembersPage.svelte") },
  { path: "/join-strings", title: "Join strings", load: () => import("../features/admission/JoinStringsPage.svelte") },
  { path: "/catalog", title: "Catalog", load: () => import("../features/broker-catalog/BrokerCatalogPage.svelte") },
  { path: "/read-tokens", title: "Read tokens", load: () => import("../features/read-tokens/ReadTokensPage.svelte") },
  { path: "/feed", title: "Feed", load: () => import("../features/feed/FeedPage.svelte") },
  { path: "/design", title: "Parts", load: () => import("../features/design/DesignPage.svelte") },
];
