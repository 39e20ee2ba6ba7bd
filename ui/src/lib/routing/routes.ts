import type { Component } from "svelte";

/** What a page is given: the parts of its path that the pattern names. */
export interface PageProps {
  params: Readonly<Record<string, string>>;
}

/** One page of an app. */
export interface Route {
  /** `/contracts/:id` */
  readonly path: string;
  readonly title: string;
  readonly load: () => Promise<{ default: Component<PageProps> | Component }>;
}

/** The route of a path, with its parameters; undefined if there is none. The first that fits counts. */
export function matchRoute(
  routes: readonly Route[],
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  for (const route of routes) {
    const params = fit(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function fit(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split("/"), path.replace(/(.)\/+$/, "$1").split("/")];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    const value = given[n] ?? "";
    if (part.startsWith(":")) {
      if (value === "") return undefined;
      params[part.slice(1)] = decode(value);
    } else if (part !== value) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
