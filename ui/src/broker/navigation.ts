import Activity from "@lucide/svelte/icons/activity";
import KeyRound from "@lucide/svelte/icons/key-round";
import LayoutDashboard from "@lucide/svelte/icons/layout-dashboard";
import SquareTerminal from "@lucide/svelte/icons/square-terminal";
import Store from "@lucide/svelte/icons/store";
import Ticket from "@lucide/svelte/icons/ticket";
import Users from "@lucide/svelte/icons/users";
import type { NavGroup } from "../lib/shell/navigation.ts";

/** The navigation of the Broker console. */
export const groups: readonly NavGroup[] = [
  { title: "", items: [{ href: "/", text: "Overview", icon: LayoutDashboard }] },
  {
    title: "Clusters",
    items: [
      { href: "/members", text: "Members", icon: Users },
      { href: "/join-strings", text: "Join strings", icon: Ticket },
    ],
  },
  {
    title: "Catalog",
    items: [
      { href: "/catalog", text: "Catalog", icon: Store },
      { href: "/read-tokens", text: "Read tokens", icon: KeyRound },
      { href: "/feed", text: "Feed", icon: Activity },
    ],
  },
  {
    title: "Tools",
    items: [{ href: "/playground", text: "Playground", icon: SquareTerminal, isElsewhere: true }],
  },
];
