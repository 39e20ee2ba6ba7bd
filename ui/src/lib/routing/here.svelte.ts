import { SvelteURLSearchParams } from "svelte/reactivity";

/** Paths that another program of this origin answers: the browser goes there itself. */
const ELSEWHERE = /^\/(playground|graphql|session)(\/|$)/;

/** The address of this page, reactive, and the only one who changes it. */
class Here {
  path = $state(location.pathname);
  readonly query = new SvelteURLSearchParams(location.search);
  /** Rises with each change of the path by a link or `go`, not with back and forward. */
  visits = $state(0);

  constructor() {
    addEventListener("popstate", () => this.#read());
    document.addEventListener("click", (event) => this.#click(event));
  }

  /** Goes to a path of this app, with its query if it has one. */
  go(href: string, { replace = false }: { replace?: boolean } = {}): void {
    const url = new URL(href, location.href);
    const isNewPath = url.pathname !== location.pathname;
    if (replace) history.replaceState(history.state, "", url);
    else history.pushState(null, "", url);
    this.#read();
    if (!isNewPath) return;
    this.visits += 1;
    scrollTo(0, 0);
  }

  /** Changes the query alone. Empty texts are left out. */
  setQuery(changes: Readonly<Record<string, string | null>>, { replace = true }: { replace?: boolean } = {}): void {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    this.go(url.href, { replace });
  }

  #read(): void {
    this.path = location.pathname;
    const now = new URLSearchParams(location.search);
    for (const name of [...this.query.keys()]) if (!now.has(name)) this.query.delete(name);
    for (const [name, value] of now) if (this.query.get(name) !== value) this.query.set(name, value);
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(anchor instanceof HTMLAnchorElement) || anchor.target !== "" || anchor.hasAttribute("download")) return;
    const url = new URL(anchor.href);
    if (url.origin !== location.origin || ELSEWHERE.test(url.pathname)) return;
    if (url.hash !== "" && url.pathname === location.pathname && url.search === location.search) return;
    event.preventDefault();
    this.go(url.href);
  }
}

export const here = new Here();
