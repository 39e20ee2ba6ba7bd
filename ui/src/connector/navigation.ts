import FileText from "@lucide/svelte/icons/file-text";
import SquareTerminal from "@lucide/svelte/icons/square-terminal";
import type { NavGroup } from "../lib/shell/navigation.ts";

/** The navigation of the Connector UI. */
export const groups: readonly NavGroup[] = [
  { title: "Trade", items: [{ href: "/contracts", text: "Contracts", icon: FileText }] },
  {
    title: "Tools",
    items: [{ href: "/playground", text: "Playground", icon: SquareTerminal, isElsewhere: true }],
  },
];
