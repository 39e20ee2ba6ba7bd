import {
  type AnyVariables,
  Client,
  type CombinedError,
  fetchExchange,
  type OperationResult,
  subscriptionExchange,
  type TypedDocumentNode,
} from "@urql/core";
import type { Sink, Client as SocketClient } from "graphql-ws";
import { type ApiError, apiErrorFrom, offline } from "./api-error.ts";
import type { Session } from "./session.svelte.ts";

/** The variables of a live operation, read anew at each (re)connect. */
type Variables<V> = V | (() => V);

/** After so many ms an operation that ended with a transient error begins again. */
const AGAIN_MS = 5000;

/** What hears a live operation. */
interface Listener<D> {
  next: (data: D) => void;
  /** An error that ended it. After a transient one, and CURSOR_INVALID, it begins again by itself. */
  failed?: (error: ApiError) => void;
}

/** The GraphQL API of the server that served this page. Nothing is cached: what is on a screen came from the server. */
export class Api {
  readonly #client: Client;

  constructor(
    private readonly session: Session,
    private readonly socket: SocketClient,
  ) {
    this.#client = new Client({
      url: "/graphql",
      preferGetMethod: false,
      requestPolicy: "network-only",
      fetchOptions: () => ({ credentials: "same-origin", headers: { "catalog-session": this.session.secret } }),
      exchanges: [
        subscriptionExchange({
          forwardSubscription: (request, { context }) => {
            const read = context["variablesNow"] as (() => Record<string, unknown>) | undefined;
            const payload = {
              query: request.query ?? "",
              // Read when the socket sends it, so that each reconnect goes on from the cursor that was reached.
              get variables() {
                return read?.() ?? (request.variables as Record<string, unknown>);
              },
            };
            return { subscribe: (sink) => ({ unsubscribe: this.socket.subscribe(payload, sink as Sink) }) };
          },
        }),
        fetchExchange,
      ],
    });
  }

  /** @throws {@link ApiError} */
  async query<D, V extends AnyVariables>(document: TypedDocumentNode<D, V>, variables: V): Promise<D> {
    const { secret } = this.session;
    return this.#read(await this.#client.query(document, variables).toPromise(), secret);
  }

  /** @throws {@link ApiError} */
  async mutate<D, V extends AnyVariables>(document: TypedDocumentNode<D, V>, variables: V): Promise<D> {
    const { secret } = this.session;
    return this.#read(await this.#client.mutation(document, variables).toPromise(), secret);
  }

  /** Hears a subscription until the returned function is called; through lost connections and new sign-ins. */
  subscribe<D, V extends AnyVariables>(
    document: TypedDocumentNode<D, V>,
    variables: Variables<V>,
    sink: Listener<D>,
  ): () => void {
    let isWanted = true;
    let stop = (): void => {};
    const read = typeof variables === "function" ? (variables as () => V) : undefined;
    let secret = "";
    const start = (): void => {
      ({ secret } = this.session);
      const source = this.#client.subscription(document, read?.() ?? (variables as V), { variablesNow: read });
      const heard = source.subscribe(({ data, error }) => {
        if (data !== undefined && data !== null) sink.next(data);
        if (error !== undefined) void again(error);
      });
      stop = () => heard.unsubscribe();
    };
    const again = async (error: CombinedError): Promise<void> => {
      stop();
      const reason = this.#errorOf(error, secret);
      if (this.session.state !== "out" && reason.code !== "UNAUTHENTICATED") {
        sink.failed?.(reason);
        if (reason.isDefinitive && reason.code !== "CURSOR_INVALID") return;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
      await this.session.whenIn();
      if (isWanted) start();
    };
    start();
    return () => {
      isWanted = false;
      stop();
    };
  }

  #read<D>({ data, error }: OperationResult<D>, secret: string): D {
    if (error !== undefined) throw this.#errorOf(error, secret);
    if (data === undefined || data === null) throw offline("The server");
    return data;
  }

  /** @param secret of the session that the server spoke of. */
  #errorOf(error: CombinedError, secret: string): ApiError {
    const [first] = error.graphQLErrors;
    const known = first === undefined ? offline("The server") : apiErrorFrom(first);
    if (known.code === "UNAUTHENTICATED") this.session.expire(secret);
    return known;
  }
}
