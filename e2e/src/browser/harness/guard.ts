import type { Page } from "playwright-core";

/** What a page may say in one test because the test provoked it, such as a server that was taken away. */
export interface Allowance {
  readonly pattern: RegExp;
  readonly because: string;
}

const LOCAL_SCHEMES = new Set(["data:", "blob:", "about:"]);

/**
 * Watches one page for what must never happen, whatever the test is about: errors in the console, uncaught exceptions,
 * refusals by the content security policy, answers 5xx, and requests or sockets to another origin than the page's own.
 */
export class Guard {
  readonly #complaints: string[] = [];
  readonly #allowances: Allowance[] = [];

  private constructor(private readonly origin: string) {}

  /** Watches `page`, which is to talk to `origin` only, from its first request on. */
  static async watch(page: Page, origin: string): Promise<Guard> {
    const guard = new Guard(origin);
    page.on("console", (message) => {
      if (message.type() === "error") guard.#complain(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => guard.#complain(`exception: ${error.stack ?? error.message}`));
    page.on("crash", () => guard.#complain("the page crashed"));
    page.on("request", (request) => guard.#judge(request.url(), request.method()));
    page.on("websocket", (socket) => guard.#judge(socket.url(), "socket"));
    page.on("response", (response) => {
      if (response.status() >= 500) guard.#complain(`answer: ${response.status()} from ${response.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        // The driver hears consoles: what a worker or a frame was refused becomes a line of this page.
        // oxlint-disable-next-line no-console
        console.error(`policy: ${violatedDirective} refused ${blockedURI}`);
      });
    });
    return guard;
  }

  /** Lets `pattern` pass from the beginning to the end of the test, in every complaint that it matches. */
  allow(pattern: RegExp, because: string): void {
    this.#allowances.push({ pattern, because });
  }

  /** What happened that must not, without what was allowed. */
  complaints(): string[] {
    return this.#complaints.filter((complaint) => !this.#allowances.some(({ pattern }) => pattern.test(complaint)));
  }

  #judge(address: string, what: string): void {
    const url = new URL(address);
    if (LOCAL_SCHEMES.has(url.protocol)) return;
    const origin = url.protocol.startsWith("ws")
      ? `${url.protocol === "wss:" ? "https" : "http"}://${url.host}`
      : url.origin;
    if (origin !== this.origin) this.#complain(`left the origin: ${what} ${address}`);
  }

  #complain(complaint: string): void {
    this.#complaints.push(complaint);
  }
}
