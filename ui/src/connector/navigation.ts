import Cable from "@lucide/svelte/icons/cable";
import CloudUpload from "@lucide/svelte/icons/cloud-upload";
import Coins from "@lucide/svelte/icons/coins";
import Fingerprint from "@lucide/svelte/icons/fingerprint-pattern";
import FileText from "@lucide/svelte/icons/file-text";
import History from "@lucide/svelte/icons/rotate-ccw-clock";
import LayoutDashboard from "@lucide/svelte/icons/layout-dashboard";
import RadioTower from "@lucide/svelte/icons/radio-tower";
import Settings from "@lucide/svelte/icons/settings";
import SquareTerminal from "@lucide/svelte/icons/square-terminal";
import Store from "@lucide/svelte/icons/store";
import Tag from "@lucide/svelte/icons/tag";
import type { NavGroup } from "../lib/shell/navigation.ts";

/** The navigation of the Connector UI. */
export const groups: readonly NavGroup[] = [
  { title: "", items: [{ href: "/", text: "Overview", icon: LayoutDashboard }] },
  {
    title: "Trade",
    items: [
      { href: "/catalog", text: "Catalog", icon: Store },
      { href: "/offers", text: "My offers", icon: Tag },
      { href: "/contracts", text: "Contracts", icon: FileText },
      { href: "/money", text: "Money", icon: Coins },
      { href: "/peerings", text: "Peerings", icon: Cable },
      { href: "/offload", text: "Offload", icon: CloudUpload },
    ],
  },
  {
    title: "Cluster",
    items: [
      { href: "/brokers", text: "Brokers", icon: RadioTower },
      { href: "/trust", text: "Trust", icon: Fingerprint },
      { href: "/activity", text: "Activity", icon: History },
      { href: "/settings", text: "Settings", icon: Settings },
    ],
  },
  {
    title: "Tools",
    items: [{ href: "/playground", text: "Playground", icon: SquareTerminal, isElsewhere: true }],
  },
];
