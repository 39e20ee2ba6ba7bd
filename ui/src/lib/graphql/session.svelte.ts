import { holdSession, patienceWithOtherTabs } from "./other-tabs.ts";
import { type ApiError, apiErrorFrom, offline, type WireError } from "./api-error.ts";

/** `checking` until the first answer, then whether somebody is signed in. */
type SessionState = "checking" | "in" | "out";

type Message = { type: "ask" } | { type: "secret"; secret: string } | { type: "ended"; secret: string };

const KEY = "catalog-session";

/**
 * Who is signed in to this origin. The cookie is the browser's; the second secret is kept in sessionStorage and shared with
 * the origin's other tabs, so that all of them are in and out together.
 */
export class Session {
  state = $state<SessionState>("checking");
  /** Why nobody is signed in any more; empty at first. */
  reason = $state<"" | "expired" | "signed-out">("");
  /** Rises with each sign-in; pages that were open go on after it. */
  generation = $state(0);
  #secret = sessionStorage.getItem(KEY) ?? "";
  readonly #tabs = new BroadcastChannel(KEY);
  #waiting: (() => void)[] = [];
  #release = (): void => undefined;

  constructor() {
    this.#tabs.addEventListener("message", ({ data }: MessageEvent<Message>) => this.#hear(data));
  }

  get secret(): string {
    return this.#secret;
  }

  /** Takes over what another tab has, then asks the server through `isSignedIn` whether it still counts. */
  async begin(isSignedIn: () => Promise<boolean>): Promise<void> {
    if (this.#secret === "") {
      this.#tabs.postMessage({ type: "ask" } satisfies Message);
      await Promise.race([this.whenIn(), after(await patienceWithOtherTabs())]);
    }
    if (this.state !== "checking") return;
    const known = this.#secret !== "" && (await isSignedIn().catch((error: ApiError) => error.code === "OFFLINE"));
    if (known) this.#enter(this.#secret);
    else if (this.#secret === "") this.state = "out";
    else this.expire(this.#secret);
  }

  /** @throws {@link ApiError} as the server refuses the token. */
  async signIn(token: string): Promise<void> {
    const response = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    }).catch(() => undefined);
    if (response === undefined) throw offline("The server");
    const answer = (await response.json().catch(() => ({}))) as { secret?: string; errors?: WireError[] };
    if (answer.secret === undefined) throw apiErrorFrom(answer.errors?.[0] ?? { message: `HTTP ${response.status}` });
    this.#enter(answer.secret);
    this.#tabs.postMessage({ type: "secret", secret: answer.secret } satisfies Message);
  }

  /** Ends the session here, at the server and in every tab. */
  async signOut(): Promise<void> {
    const secret = this.#secret;
    await fetch("/session", { method: "DELETE", headers: { "catalog-session": secret } }).catch(() => undefined);
    this.#leave("signed-out");
    this.#tabs.postMessage({ type: "ended", secret } satisfies Message);
  }

  /** To be called when the server says that the session with that secret does not count any more. Of an earlier one it may say so late. */
  expire(secret: string): void {
    if (this.state === "out" || secret !== this.#secret) return;
    this.#leave("expired");
    this.#tabs.postMessage({ type: "ended", secret } satisfies Message);
  }

  /** Resolves once somebody is signed in. */
  async whenIn(): Promise<void> {
    if (this.state === "in") return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #enter(secret: string): void {
    this.#secret = secret;
    sessionStorage.setItem(KEY, secret);
    this.state = "in";
    this.#release();
    this.#release = holdSession();
    this.reason = "";
    this.generation += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #leave(reason: "expired" | "signed-out"): void {
    this.#secret = "";
    sessionStorage.removeItem(KEY);
    this.state = "out";
    this.#release();
    this.reason = reason;
  }

  #hear(message: Message): void {
    if (message.type === "ask" && this.state === "in") {
      this.#tabs.postMessage({ type: "secret", secret: this.#secret } satisfies Message);
    } else if (message.type === "secret" && this.state !== "in") {
      this.#enter(message.secret);
    } else if (message.type === "ended" && message.secret === this.#secret && this.state === "in") {
      this.#leave("expired");
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
