import Fingerprint from "@lucide/svelte/icons/fingerprint";
import FileText from "@lucide/svelte/icons/file-text";
import LayoutDashboard from "@lucide/svelte/icons/layout-dashboard";
import RadioTower from "@lucide/svelte/icons/radio-tower";
import Settings from "@lucide/svelte/icons/settings";
import SquareTerminal from "@lucide/svelte/icons/square-terminal";
import Store from "@lucide/svelte/icons/store";
import type { NavGroup } from "../lib/shell/navigation.ts";

/** The navigation of the Connector UI. */
export const groups: readonly NavGroup[] = [
  { title: "", items: [{ href: "/", text: "Overview", icon: LayoutDashboard }] },
  {
    title: "Trade",
    items: [
      { href: "/catalog", text: "Catalog", icon: Store },
      { href: "/contracts", text: "Contracts", icon: FileText },
    ],
  },
  {
    title: "Cluster",
    items: [
      { href: "/brokers", text: "Brokers", icon: RadioTower },
      { href: "/trust", text: "Trust", icon: Fingerprint },
      { href: "/settings", text: "Settings", icon: Settings },
    ],
  },
  {
    title: "Tools",
    items: [{ href: "/playground", text: "Playground", icon: SquareTerminal, isElsewhere: true }],
  },
];
