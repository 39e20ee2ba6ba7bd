import { CatalogError } from "@catalog/schema/errors";
import { createLog } from "@catalog/server/log";
import { expect, it, vi } from "vitest";
import type { PeeringDriver, PeeringTask } from "../services/peerings/peering-ports.js";
import { LateDriver } from "./late-driver.js";

const log = createLog({ name: "test", level: "fatal" });
const UNAVAILABLE = new CatalogError("UNAVAILABLE", "Liqo has no cluster id yet.");

it("says why it cannot work yet, watches from the moment that it can, and is made once", async () => {
  let isThere = false;
  const reconcile = vi.fn<PeeringDriver["reconcile"]>();
  const watch = vi.fn<PeeringDriver["watch"]>(async (onChange) => onChange("rome"));
  const make = vi.fn<() => Promise<PeeringDriver>>(async () => {
    if (!isThere) throw UNAVAILABLE;
    return { mode: "v1", reconcile, watch, answer: vi.fn<PeeringDriver["answer"]>() };
  });
  const driver = new LateDriver("v1", make, log);
  const task = {} as PeeringTask;
  const exchange = async () => ({ type: "none" });
  await expect(driver.reconcile(task, exchange)).rejects.toBe(UNAVAILABLE);

  const seen: string[] = [];
  const watching = driver.watch((clusterID) => seen.push(clusterID), new AbortController().signal);
  expect(watch).not.toHaveBeenCalled();
  isThere = true;
  await watching;
  expect(seen).toEqual(["rome"]);
  const attempts = make.mock.calls.length;
  await driver.reconcile(task, exchange);
  expect(reconcile).toHaveBeenCalledWith(task, exchange);
  expect(make).toHaveBeenCalledTimes(attempts);
});

it("ends its waiting with the signal", async () => {
  const stop = new AbortController();
  const driver = new LateDriver("v1", () => Promise.reject(UNAVAILABLE), log);
  const watching = driver.watch(() => undefined, stop.signal);
  stop.abort();
  await expect(watching).resolves.toBeUndefined();
});
