import type { Component } from "svelte";

/** One entry of the navigation. */
export interface NavItem {
  readonly href: string;
  readonly text: string;
  readonly icon: Component<{ size?: number | string; "aria-hidden"?: "true" }>;
  /** True for another program of this origin: opened as a page of its own. */
  readonly isElsewhere?: boolean;
}

export interface NavGroup {
  /** Empty for the first group. */
  readonly title: string;
  readonly items: readonly NavItem[];
}

/** Something that the command palette can do. */
export interface Command {
  readonly text: string;
  readonly group: string;
  /** Further words that find it. */
  readonly words?: string;
  readonly run: () => void;
}

/** Whether an entry stands for the page that is shown: itself, or something below it. */
export function isCurrent(href: string, path: string): boolean {
  return href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
}
