import type { Route } from "../lib/routing/routes.ts";

/** The pages of the Connector UI; each is loaded when it is opened. */
export const routes: readonly Route[] = [
  { path: "/", title: "Overview", load: () => import("../features/overview/OverviewPage.svelte") },
  { path: "/catalog", title: "Catalog", load: () => import("../features/catalog/CatalogPage.svelte") },
  { path: "/catalog/:clusterID/:offerID", title: "Offer", load: () => import("../features/offer/OfferPage.svelte") },
  {
    path: "/catalog/:clusterID/:offerID/buy",
    title: "Buy",
    load: () => import("../features/purchase/PurchasePage.svelte"),
  },
  { path: "/purchases/:id", title: "Purchase", load: () => import("../features/purchase/ProgressPage.svelte") },
  { path: "/compare", title: "Compare plans", load: () => import("../features/compare/ComparePage.svelte") },
  { path: "/contracts", title: "Contracts", load: () => import("../features/contracts/ContractsPage.svelte") },
  { path: "/contracts/:id", title: "Contract", load: () => import("../features/contracts/ContractPage.svelte") },
  { path: "/money", title: "Income and spend", load: () => import("../features/money/MoneyPage.svelte") },
  { path: "/peerings", title: "Peerings", load: () => import("../features/peerings/PeeringsPage.svelte") },
  { path: "/peerings/:contractID", title: "Peering", load: () => import("../features/peerings/PeeringPage.svelte") },
  { path: "/offload", title: "Offload", load: () => import("../features/offload/OffloadPage.svelte") },
  {
    path: "/offload/:contractID",
    title: "Offload",
    load: () => import("../features/offload/OffloadContractPage.svelte"),
  },
  { path: "/activity", title: "Activity", load: () => import("../features/activity/ActivityPage.svelte") },
  { path: "/welcome", title: "Welcome", load: () => import("../features/first-run/WelcomePage.svelte") },
  { path: "/offers", title: "My offers", load: () => import("../features/offers/OffersPage.svelte") },
  { path: "/offers/new", title: "New offer", load: () => import("../features/offers/OfferEditorPage.svelte") },
  { path: "/offers/:offerID", title: "My offer", load: () => import("../features/offers/OfferEditorPage.svelte") },
  { path: "/brokers", title: "Brokers", load: () => import("../features/brokers/BrokersPage.svelte") },
  { path: "/trust", title: "Trust", load: () => import("../features/trust/TrustPage.svelte") },
  { path: "/settings", title: "Settings", load: () => import("../features/settings/SettingsPage.svelte") },
  { path: "/design", title: "Parts", load: () => import("../features/design/DesignPage.svelte") },
];
