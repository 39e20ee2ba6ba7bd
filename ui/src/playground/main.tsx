import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./playground.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { readPlaygroundLink } from "../lib/graphql/playground-link.ts";
import { examplesFor } from "./examples.ts";
import { showSignIn } from "./notice.ts";
import { sendingItsOwnOperation } from "./own-operation.ts";
import { Playground } from "./Playground.tsx";
import { sessionSecret, shareSession } from "./secret.ts";
import { askServer, type Served } from "./server.ts";

/** The session is over: graphql-ws's close code for a connection that is not let in. */
const NOT_SIGNED_IN = 4401;
const target = document.getElementById("app");
const given = readPlaygroundLink(location.hash);
if (given !== undefined) history.replaceState(null, "", location.pathname);

function show(target: HTMLElement, secret: string, { part, samples }: Served): void {
  const root = createRoot(target);
  const end = (): void => {
    root.unmount();
    showSignIn(target, "Your session has ended.");
  };
  shareSession(secret, end);
  const url = new URL("/graphql", location.href).href;
  const fetcher = createGraphiQLFetcher({
    url,
    headers: { "catalog-session": secret },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) end();
      return response;
    },
    wsClient: createClient({
      url: url.replace("http", "ws"),
      connectionParams: { session: secret },
      on: { closed: (event) => (event as CloseEvent).code === NOT_SIGNED_IN && end() },
    }),
  });
  root.render(
    <Playground fetcher={sendingItsOwnOperation(fetcher)} examples={examplesFor(part, samples)} given={given} />,
  );
}

if (target !== null) {
  const secret = await sessionSecret();
  const served = secret === "" ? undefined : await askServer(secret);
  if (served === undefined) showSignIn(target, "Nobody is signed in.");
  else show(target, secret, served);
}
