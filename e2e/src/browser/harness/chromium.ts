import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** No browser to test with; the message tells in one line what to install. */
export class ChromiumMissingError extends Error {
  override readonly name = "ChromiumMissingError";
  constructor() {
    super(
      "The tests in a browser need Chromium: `apt-get install chromium` (Debian), or name one with CHROMIUM=/path/to/chromium.",
    );
  }
}

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/**
 * Nothing of these tests may leave the machine: neither pages nor the browser itself, whose own services are off and
 * whose resolver knows this machine alone.
 */
export const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/** The program named by CHROMIUM, or the first of Debian's names in PATH. Throws {@link ChromiumMissingError}. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment["CHROMIUM"];
  const folders = ["/usr/bin", ...(environment["PATH"] ?? "").split(delimiter)];
  const candidates =
    named === undefined ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name))) : [named];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new ChromiumMissingError();
  return found;
}

/**
 * Starts a browser with a new profile, which is deleted when it closes.
 * @param more further flags of Chromium
 */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_FLAGS, ...more], handleSIGINT: false });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: the next name
  }
}
