import { createContext } from "svelte";
import type { Access } from "./graphql/access.svelte.ts";
import type { Api } from "./graphql/api.ts";
import type { Connection } from "./graphql/connection.svelte.ts";
import type { Session } from "./graphql/session.svelte.ts";

/** What every page of an app stands on. */
export interface AppContext {
  readonly api: Api;
  readonly session: Session;
  readonly connection: Connection;
  readonly access: Access;
}

const [read, provide] = createContext<AppContext>();

/** To be called by an app's root component, once. */
export const provideApp = provide;

/** The app that a component belongs to; to be called while the component is made. */
export const useApp = read;
