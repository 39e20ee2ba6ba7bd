import { expect, test } from "vitest";
import { identity, resourceSlice, signedNonceSecret, tenantNamespace } from "../forge/handshake.js";
import type { KubeObject } from "../kube/kube-api.js";
import { NO_NODE } from "./bought-node.js";
import { planCustomer } from "./customer-plan.js";
import type { CustomerSeen } from "./customer-seen.js";
import { planCustomerDown } from "./customer-take-down.js";
import { NO_REMAINS } from "./remains.js";
import { NOTHING_THERE } from "./tenant-view.js";
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
              view: { ...NOTHING_THERE, namespace, signedNonce, identities: list(one), ownSlices: list(slice) },
              remains: NO_REMAINS,
              answers: {
                status: { type: "status", message: "", hasTenant: true, hasNetwork: false, granted: {} },
                nonce: { type: "nonce", nonce: "bm9uY2U=" },
                ended: true,
              },
              liqoKey: play.paris.publicKey,
              node: NO_NODE,
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

test("the provider is told only when Liqo has taken away what it needs the provider's access for", () => {
  const ended = contractOf("1 x", play.paris, play.turin);
  const object = (kind: string): KubeObject => ({
    apiVersion: "x/v1",
    kind,
    metadata: { name: "one", namespace: "liqo-tenant-turin" },
  });
  const down = (
    changes: Partial<CustomerSeen["view"]>,
    remains: Partial<CustomerSeen["remains"]>,
    { isOtherUp, answers }: { isOtherUp: boolean; answers: CustomerSeen["answers"] } = {
      isOtherUp: false,
      answers: {},
    },
  ) =>
    planCustomerDown({
      task: { ...play.task("CUSTOMER"), contracts: [], ending: [ended], isOtherUp },
      view: { ...NOTHING_THERE, namespace: NAMESPACES[1], ...changes },
      remains: { ...NO_REMAINS, ...remains },
      answers,
      liqoKey: undefined,
      node: NO_NODE,
      resources: {},
      className: "catalog",
      account: null,
      networkFacts: { ownID: "paris", cidr: undefined, liqoNamespace: "liqo", gatewayService: "NodePort" },
      now: 1_000,
      patienceMs: 1_000,
      waits: { node: 0, renewal: 0 },
    });
  const identities = list(IDENTITIES[1]);
  const node = down({ identities }, { nodes: [object("VirtualNode")], renewals: [object("Renew")] });
  expect(node.action).toBeUndefined();
  expect(node.report).toMatchObject({
    message: "Liqo is removing VirtualNode liqo-tenant-turin/one.",
    whatToDo: expect.stringContaining("controller manager"),
  });
  expect(down({ identities }, { renewals: [object("Renew")] }).action).toMatchObject({ ref: { kind: "Identity" } });
  const renewal = down({}, { renewals: [object("Renew")] });
  expect(renewal.action).toBeUndefined();
  expect(renewal.report).toMatchObject({ phase: "TAKING_DOWN", whatToDo: expect.stringContaining("API server") });
  expect(down({}, {}).action).toEqual({ do: "ask", message: { type: "ended" } });
  // The place that both directions share goes with the last of them.
  const answers = { ended: true };
  expect(down({}, {}, { isOtherUp: false, answers }).action).toMatchObject({ ref: { kind: "Namespace" } });
  expect(down({}, {}, { isOtherUp: true, answers })).toMatchObject({ action: undefined, report: { phase: "GONE" } });
  // A slice by hand keeps its node.
  const byHand = { ...(SLICES[1] as KubeObject), metadata: { name: "by-hand" } };
  expect(down({ ownSlices: [byHand] }, { nodes: [object("VirtualNode")] }).action).toMatchObject({ do: "ask" });
});
