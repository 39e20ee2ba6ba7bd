import SquareTerminal from "@lucide/svelte/icons/square-terminal";
import type { NavGroup } from "../lib/shell/navigation.ts";

/** The navigation of the Broker console. */
export const groups: readonly NavGroup[] = [
  {
    title: "Tools",
    items: [{ href: "/playground", text: "Playground", icon: SquareTerminal, isElsewhere: true }],
  },
];
