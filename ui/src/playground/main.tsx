import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./playground.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { EXAMPLES } from "./examples.ts";
import { sessionSecret } from "./secret.ts";

const target = document.getElementById("app");
const secret = await sessionSecret();
const url = new URL("/graphql", location.href).href;

if (target !== null && secret === "") {
  target.innerHTML = "";
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.append(
    "Nobody is signed in. ",
    Object.assign(document.createElement("a"), { href: "/", textContent: "Sign in" }),
  );
  notice.append(" and open the playground from there.");
  target.append(notice);
} else if (target !== null) {
  const fetcher = createGraphiQLFetcher({
    url,
    headers: { "catalog-session": secret },
    wsClient: createClient({ url: url.replace("http", "ws"), connectionParams: { session: secret } }),
  });
  createRoot(target).render(<GraphiQL fetcher={fetcher} defaultTabs={[...EXAMPLES]} shouldPersistHeaders={false} />);
}
