import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until the condition holds: until it returns something other than undefined or false. A condition that throws
 * does not hold yet.
 * @returns what the condition returned.
 * @throws Error after `timeoutMs` (default 10 s), with what the condition threw last as its cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: { timeoutMs?: number; intervalMs?: number; what?: string } = {},
): Promise<Exclude<T, undefined | false>> {
  const { timeoutMs = 10_000, intervalMs = 20, what = "the condition" } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(intervalMs);
  } while (performance.now() < deadline);
  throw new Error(`${what} did not hold within ${timeoutMs} ms`, { cause });
}
