import { expect, test } from "vitest";
import { TakenOver } from "./taken-over.js";

test("the first end counts: what comes after it changes nothing", async () => {
  const subscription = new TakenOver();
  let ended = 0;
  subscription.onEnd(() => (ended += 1));
  const next = subscription.next();
  subscription.end();
  subscription.end({ error: new Error("too late") });
  await subscription.return();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(ended).toBe(1);
});

test("who registers after the end is told at once", async () => {
  const subscription = new TakenOver();
  subscription.end({ error: new Error("failed") });
  let ended = 0;
  subscription.onEnd(() => (ended += 1));
  expect(ended).toBe(1);
  await expect(subscription.next()).rejects.toThrow("failed");
});
