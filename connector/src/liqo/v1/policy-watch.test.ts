import { createLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, beforeEach, expect, it } from "vitest";
import { policyObjects } from "../forge/policies.js";
import { TENANT_ROLE } from "../forge/roles.js";
import type { ContractedPeer } from "./policy-check.js";
import { PolicyWatch } from "./policy-watch.js";
import { FakeKube } from "../testing/fake-kube.js";

const log = createLog({ name: "test", level: "fatal" });
const options = {
  namespace: "the-catalog",
  serviceAccount: "catalog-connector",
  className: "catalog",
  tenantRole: TENANT_ROLE,
  exempt: [],
  rsa: [],
};
let kube: FakeKube;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  kube = new FakeKube();
  stop = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await running;
});

function watch(isRequired: boolean, contracted: readonly ContractedPeer[] = []): PolicyWatch {
  const made = new PolicyWatch(kube, { options, isRequired, contracted: async () => contracted }, log);
  expect(made.safety()).toEqual({ isSellingAllowed: !isRequired, risks: [] });
  running = made.run(stop.signal);
  return made;
}

it("lets nothing be sold while a policy is missing, and says which", async () => {
  const safety = watch(true);
  await waitFor(() => safety.safety().risks.length > 0, { timeoutMs: 5_000 });
  expect(safety.safety().isSellingAllowed).toBe(false);
  expect(safety.safety().risks[0]?.message).toMatch(/missing/);
});

it("only warns where the admin does not require them", async () => {
  const safety = watch(false);
  await waitFor(() => safety.safety().risks.length > 0, { timeoutMs: 5_000 });
  expect(safety.safety().isSellingAllowed).toBe(true);
});

it("lets be sold once all are in force", async () => {
  for (const object of policyObjects(options)) await kube.create(object);
  const safety = watch(true);
  await waitFor(() => safety.safety().isSellingAllowed, { timeoutMs: 5_000 });
  expect(safety.safety().risks).toEqual([]);
});

it("tells that a customer is on the wrong list, and stops nobody's contract because of it", async () => {
  for (const object of policyObjects({ ...options, rsa: ["paris"] })) await kube.create(object);
  const safety = watch(true, [
    { clusterID: "paris", keyType: "ed25519" },
    { clusterID: "milan", keyType: "rsa-2048" },
  ]);
  await waitFor(() => safety.safety().risks.length > 0, { timeoutMs: 5_000 });
  expect(safety.safety().isSellingAllowed).toBe(true);
  expect(
    safety
      .safety()
      .risks.map(({ message }) => message)
      .join(),
  ).toMatch(/Ed25519 keys: paris.*RSA keys: milan/);
});
