import type { Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { useSyncExternalStore } from "react";
import type { PlaygroundOperation } from "../lib/graphql/playground-link.ts";
import type { Example } from "./examples.ts";
import { chosenTheme, onThemeChange } from "./theme.ts";

interface Props {
  readonly fetcher: Fetcher;
  readonly examples: readonly Example[];
  /** What a link brought along; it gets a tab of its own. */
  readonly given: PlaygroundOperation | undefined;
}

/** GraphiQL as both parts serve it: the explorer of the documentation, history, and the tour in its tabs. */
export function Playground({ fetcher, examples, given }: Props) {
  const theme = useSyncExternalStore(onThemeChange, chosenTheme);
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={[...(given === undefined ? [] : [given]), ...examples]}
      {...(given === undefined
        ? firstVariables(examples)
        : { initialQuery: given.query, initialVariables: given.variables })}
      forcedTheme={theme}
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={false}
      isHeadersEditorEnabled={false}
    />
  );
}

/** GraphiQL fills the variables of the tab it begins with from here alone; what somebody has written before stays. */
function firstVariables([first]: readonly Example[]): { readonly initialVariables?: string } {
  const isNew = localStorage.getItem("graphiql:tabState") === null;
  return isNew && first?.variables !== undefined ? { initialVariables: first.variables } : {};
}
