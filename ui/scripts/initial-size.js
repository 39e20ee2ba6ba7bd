import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** The most JavaScript that an app may load before it shows something, in bytes after gzip. */
export const MOST_INITIAL_BYTES = 150_000;

/** Bytes after gzip of what an app's index.html loads, scripts and the modules it names for preloading. */
export async function initialBytes(directory) {
  const html = await readFile(join(directory, "index.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? "");
  if (files.length === 0) throw new Error(`${directory}/index.html loads no script`);
  const sizes = files.map(async (file) => gzipSync(await readFile(join(directory, file))).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
