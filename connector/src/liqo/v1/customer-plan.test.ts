import { expect, test } from "vitest";
import { identity, resourceSlice, signedNonceSecret, tenantNamespace } from "../forge/handshake.js";
import type { KubeObject } from "../kube/kube-api.js";
import { planCustomer } from "./customer-plan.js";
import type { CustomerSeen } from "./customer-seen.js";
import { planCustomerDown } from "./customer-take-down.js";
import { NO_REMAINS } from "./remains.js";
import { contractOf, PlayedPeering } from "./testing/played-peering.js";

const play = new PlayedPeering();
const place = { clusterID: "turin", fingerprint: "fp-turin", namespace: "liqo-tenant-turin" };
const variants = (object: KubeObject): readonly (KubeObject | undefined)[] => [
  undefined,
  object,
  { ...object, metadata: { ...object.metadata, labels: {} } },
  { ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } },
];
const NAMESPACES = variants(tenantNamespace("turin", "fp-turin"));
const IDENTITIES = variants(identity(place, "n", { apiServer: "https://a.example", signedCRT: "eA==" }));
const SLICES = variants(resourceSlice(place, "catalog", { cpu: "1" }));
const NONCES = variants(signedNonceSecret(place, "n"));
const list = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

test("the customer's plan in every state: up removes nothing, down creates nothing, neither touches what is not ours", () => {
  for (const namespace of NAMESPACES)
    for (const one of IDENTITIES)
      for (const slice of SLICES)
        for (const signedNonce of NONCES)
          for (const isUp of [true, false]) {
            const contract = contractOf("1 x", play.paris, play.turin);
            const seen: CustomerSeen = {
              task: { ...play.task("CUSTOMER"), contracts: isUp ? [contract] : [], ending: isUp ? [] : [contract] },
              view: {
                namespace,
                binding: undefined,
                nonce: undefined,
                signedNonce,
                tenants: [],
                identities: list(one),
                customerSlices: [],
                ownSlices: list(slice),
                network: {
                  configuration: undefined,
                  server: undefined,
                  client: undefined,
                  publicKey: undefined,
                  connections: [],
                  ownKey: null,
                },
              },
              remains: NO_REMAINS,
              answers: {
                status: { type: "status", message: "", hasTenant: true, hasNetwork: false, granted: {} },
                nonce: { type: "nonce", nonce: "bm9uY2U=" },
                ended: true,
              },
              liqoKey: play.paris.publicKey,
              nodeStatus: undefined,
              hasVirtualNode: false,
              resources: { cpu: "2" },
              className: "catalog",
              account: null,
              networkFacts: { ownID: "paris", cidr: undefined, liqoNamespace: "liqo", gatewayService: "NodePort" },
              now: 1,
              patienceMs: 1,
              waits: {},
            };
            const { action, report } = isUp ? planCustomer(seen) : planCustomerDown(seen);
            expect(action?.do).not.toBe(isUp ? "remove" : "create");
            if (action?.do === "patch" || action?.do === "remove") {
              const target = [namespace, one, slice, signedNonce].find((object) => object?.kind === action.ref.kind);
              if (action.ref.kind !== "Secret")
                expect(target?.metadata.labels?.["app.kubernetes.io/managed-by"]).toBe("the-catalog");
              expect(target?.metadata.deletionTimestamp === undefined || action.do === "patch").toBe(true);
            }
            if (report.phase === "GONE") expect(report.released).toEqual(["1 x"]);
            else expect(isUp || report.released.length === 0).toBe(true);
          }
});
