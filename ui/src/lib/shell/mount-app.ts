import { type Component, mount } from "svelte";
import type { AppContext } from "../app-context.ts";
import { Access } from "../graphql/access.svelte.ts";
import { Api } from "../graphql/api.ts";
import { Connection } from "../graphql/connection.svelte.ts";
import { Session } from "../graphql/session.svelte.ts";
import { openSocket } from "../graphql/socket.ts";
import "../theme/app.css";

/** Puts an app into the page: the composition root of both apps. */
export function mountApp(App: Component<{ context: AppContext }>): void {
  const session = new Session();
  const connection = new Connection();
  const api = new Api(session, openSocket(session, connection));
  const target = document.getElementById("app");
  if (target === null) throw new Error("the page has no element #app");
  mount(App, { target, props: { context: { api, session, connection, access: new Access() } } });
}
