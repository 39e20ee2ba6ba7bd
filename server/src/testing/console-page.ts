import { createClient, type Client } from "graphql-ws";
import { WebSocket } from "ws";

/** What a page may get wrong. */
export interface PageTrouble {
  /** Null sends none. */
  readonly origin?: string | null;
  readonly cookie?: string | null;
  readonly secret?: string | null;
}

/** A request as the page makes it. */
export interface PageRequest extends Omit<RequestInit, "headers"> {
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page of a console as a browser would run it: its requests carry Origin, cookie and secret. */
export class ConsolePage {
  readonly origin: string;
  cookie: string | null = null;
  secret: string | null = null;

  constructor(port: number) {
    this.origin = `http://localhost:${port}`;
  }

  /** Shows a token at `/session`. */
  async signIn(token: string, trouble: PageTrouble = {}): Promise<Response> {
    const response = await this.fetch("/session", { method: "POST", body: JSON.stringify({ token }) }, trouble);
    const body = (await response.clone().json()) as { secret?: string };
    if (response.status !== 201) return response;
    this.cookie = response.headers.get("set-cookie")?.split(";", 1)[0] ?? null;
    this.secret = body.secret ?? null;
    return response;
  }

  signOut(trouble: PageTrouble = {}): Promise<Response> {
    return this.fetch("/session", { method: "DELETE" }, trouble);
  }

  async ask(
    query: string,
    trouble: PageTrouble = {},
  ): Promise<{ status: number; data: unknown; code: string | undefined }> {
    const response = await this.fetch("/graphql", { method: "POST", body: JSON.stringify({ query }) }, trouble);
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
    return { status: response.status, data, code: errors?.[0]?.extensions.code };
  }

  fetch(path: string, init: PageRequest, trouble: PageTrouble = {}): Promise<Response> {
    const { origin, cookie, secret } = this.shown(trouble);
    return fetch(`${this.origin}${path}`, {
      ...init,
      headers: {
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...(origin === null ? {} : { origin }),
        ...(cookie === null ? {} : { cookie }),
        ...(secret === null ? {} : { "catalog-session": secret }),
        ...init.headers,
      },
    });
  }

  /** A stock client whose upgrade request carries what a browser's would; `closed` is told each close code. */
  socket(closed: (code: number) => void, trouble: PageTrouble = {}): Client {
    const { origin, cookie, secret } = this.shown(trouble);
    class BrowserSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { ...(origin && { origin }), ...(cookie && { cookie }) } });
      }
    }
    return createClient({
      url: `${this.origin.replace("http", "ws")}/graphql`,
      webSocketImpl: BrowserSocket,
      connectionParams: secret === null ? {} : { session: secret },
      retryAttempts: 0,
      on: { closed: (event) => closed((event as { code: number }).code) },
    });
  }

  private shown({
    origin = this.origin,
    cookie = this.cookie,
    secret = this.secret,
  }: PageTrouble): Required<PageTrouble> {
    return { origin, cookie, secret };
  }
}
