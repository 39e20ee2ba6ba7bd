import { delay } from "@catalog/server/backoff";
import { CatalogError } from "@catalog/schema/errors";

/** How soon is looked whether the database is back, in ms. */
const LOOK_AGAIN_MS = 1_000;

/** Repeats a step until the signal is aborted. While the database is away it only waits, so that work resumes as soon as it is back. */
export async function repeat(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof CatalogError) || error.code !== "UNAVAILABLE") throw error;
      await delay(LOOK_AGAIN_MS, signal);
    }
  }
}
