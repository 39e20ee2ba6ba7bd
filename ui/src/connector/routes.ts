import type { Route } from "../lib/routing/routes.ts";

/** The pages of the Connector UI; each is loaded when it is opened. */
export const routes: readonly Route[] = [
  { path: "/", title: "Overview", load: () => import("../features/overview/OverviewPage.svelte") },
  { path: "/catalog", title: "Catalog", load: () => import("../features/catalog/CatalogPage.svelte") },
  { path: "/contracts", title: "Contracts", load: () => import("../features/contracts/ContractsPage.svelte") },
  { path: "/contracts/:id", title: "Contract", load: () => import("../features/contracts/ContractPage.svelte") },
  { path: "/brokers", title: "Brokers", load: () => import("../features/brokers/BrokersPage.svelte") },
  { path: "/trust", title: "Trust", load: () => import("../features/trust/TrustPage.svelte") },
  { path: "/settings", title: "Settings", load: () => import("../features/settings/SettingsPage.svelte") },
  { path: "/design", title: "Parts", load: () => import("../features/design/DesignPage.svelte") },
];
