import { describe, expect, test } from "vitest";
import {
  identity,
  nonceSecret,
  resourceSlice,
  signedNonceSecret,
  tenant,
  tenantNamespace,
  tenantRoleBinding,
} from "../forge/handshake.js";
import type { KubeObject } from "../kube/kube-api.js";
import { planProvider, planProviderDown, type ProviderSeen } from "./provider-plan.js";
import { NO_REMAINS } from "./remains.js";
import { NOTHING_THERE } from "./tenant-view.js";
import { contractOf, PlayedPeering, resourcesOf } from "./testing/played-peering.js";

const play = new PlayedPeering();
const account = play.account;
const place = { clusterID: "paris", fingerprint: "fp-paris", namespace: "liqo-tenant-paris" };
const DELETED = "2026-01-01T00:00:00Z";
const NOW = 1_000_000;

const namespace = tenantNamespace("paris", "fp-paris");
const letIn = {
  ...tenant(place, { publicKey: "k", csr: "c", signature: "s" }),
  status: { authParams: { signedCRT: "x" } },
};
const slice: KubeObject = {
  ...resourceSlice(place, "catalog", { cpu: "1" }),
  status: { resources: { cpu: "1" }, conditions: [{ type: "Resources", status: "Accepted" }] },
};

function changed(object: KubeObject, metadata: Partial<KubeObject["metadata"]>, spec: object = {}): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, ...metadata },
    spec: { ...(object.spec as object | undefined), ...spec },
  };
}

const foreign = (object: KubeObject): KubeObject => changed(object, { labels: {} });
const leaving = (object: KubeObject): KubeObject => changed(object, { deletionTimestamp: DELETED });
const drained = (object: KubeObject): KubeObject =>
  changed(object, { annotations: { "the-catalog.io/drained": "true" } }, { tenantCondition: "Drained" });

const NAMESPACES = {
  none: undefined,
  ours: namespace,
  foreign: foreign(namespace),
  leaving: leaving(namespace),
  other: changed(namespace, { annotations: { "the-catalog.io/peer": "fp-other" } }),
};
const BINDINGS = { none: undefined, ours: tenantRoleBinding(place, account) };
const NONCES = {
  none: undefined,
  empty: nonceSecret(place),
  full: { ...nonceSecret(place), data: { nonce: "bm9uY2U=" } },
  foreign: foreign(nonceSecret(place)),
};
const TENANTS = {
  none: undefined,
  new: tenant(place, { publicKey: "k", csr: "c", signature: "s" }),
  letIn,
  drained: drained(letIn),
  cordoned: changed(letIn, {}, { tenantCondition: "Cordoned" }),
  leaving: leaving(drained(letIn)),
  foreign: foreign(letIn),
};
const SLICES = {
  none: undefined,
  granted: slice,
  leaving: leaving(slice),
  denied: { ...slice, status: { conditions: [{ type: "Resources", status: "Denied" }] } },
};

type Choice = readonly [
  keyof typeof NAMESPACES,
  keyof typeof BINDINGS,
  keyof typeof NONCES,
  keyof typeof TENANTS,
  keyof typeof SLICES,
];

function seen([ns, binding, nonce, one, bought]: Choice, changes: Partial<ProviderSeen> = {}): ProviderSeen {
  const list = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
  return {
    task: { ...play.task("PROVIDER"), contracts: [contractOf("1 x", play.paris, play.turin)] },
    remains: NO_REMAINS,
    view: {
      ...NOTHING_THERE,
      namespace: NAMESPACES[ns],
      binding: BINDINGS[binding],
      nonce: NONCES[nonce],
      tenants: list(TENANTS[one]),
      customerSlices: list(SLICES[bought]),
    },
    memory: { waits: {}, isPeerDown: false, hasNetwork: null, endingSince: null },
    account,
    tenantProblem: undefined,
    className: "catalog",
    sold: resourcesOf([contractOf("1 x", play.paris, play.turin)]),
    now: NOW,
    patienceMs: 1_000,
    graceMs: 5_000,
    ...changes,
  };
}

const keys = <T extends object>(value: T): (keyof T)[] => Object.keys(value) as (keyof T)[];
const ALL: Choice[] = keys(NAMESPACES).flatMap((a) =>
  keys(BINDINGS).flatMap((b) =>
    keys(NONCES).flatMap((c) => keys(TENANTS).flatMap((d) => keys(SLICES).map((e): Choice => [a, b, c, d, e]))),
  ),
);

describe("the provider's plan, in every state", () => {
  test("up: makes what is missing in order, patches only what is ours, removes nothing", () => {
    for (const choice of ALL) {
      const { action, report } = planProvider(seen(choice));
      const [ns, binding, nonce, one] = choice;
      const expected =
        ns === "none"
          ? "create Namespace"
          : ns === "leaving" || ns === "other"
            ? "nothing"
            : binding === "none"
              ? "create RoleBinding"
              : nonce === "none"
                ? "create Secret"
                : nonce === "full" && one === "drained"
                  ? "patch Tenant"
                  : "nothing";
      const kind = action?.do === "create" ? action.object.kind : action?.do === "patch" ? action.ref.kind : "";
      expect(action === undefined ? "nothing" : `${action.do} ${kind}`, choice.join(" ")).toBe(expected);
      if (report.phase === "ESTABLISHED")
        expect([ns, nonce, choice[4]].join(" ")).toMatch(/^(ours|foreign) full granted$/);
      if (ns === "other") expect(report.phase).toBe("FAILED");
      expect(report.message.length).toBeGreaterThan(10);
      expect(report.steps).toHaveLength(5);
    }
  });

  test("what Liqo grants in another class keeps no stock back, and is no use of a contract", () => {
    const other = changed(slice, {}, { class: "default" });
    const ending = { ...play.task("PROVIDER"), contracts: [], ending: [contractOf("1 x", play.paris, play.turin)] };
    const down = seen(["foreign", "none", "none", "foreign", "granted"], { task: ending, sold: {} });
    const view = { ...down.view, customerSlices: [other] };
    expect(planProviderDown(down).report).toMatchObject({ phase: "TAKING_DOWN", released: [] });
    expect(planProviderDown({ ...down, view }).report).toMatchObject({ phase: "GONE", released: ["1 x"] });
    const up = seen(["ours", "ours", "full", "letIn", "granted"]);
    expect(planProvider(up).report.phase).toBe("ESTABLISHED");
    expect(planProvider({ ...up, view: { ...up.view, customerSlices: [other] } }).report.phase).toBe("WAITING");
  });

  test("down: never creates, never touches what is not ours, and is gone only when nothing of ours is left", () => {
    for (const choice of ALL) {
      const task = { ...play.task("PROVIDER"), contracts: [], ending: [contractOf("1 x", play.paris, play.turin)] };
      for (const memory of [
        { waits: {}, isPeerDown: true, hasNetwork: null, endingSince: 1 },
        { waits: {}, isPeerDown: false, hasNetwork: null, endingSince: null },
        { waits: { drain: 1 }, isPeerDown: false, hasNetwork: null, endingSince: NOW },
      ]) {
        const [ns, , nonce, one, bought] = choice;
        const { action, report } = planProviderDown(seen(choice, { task, memory, sold: {} }));
        const what = `${choice.join(" ")} ${JSON.stringify(memory)}`;
        expect(action?.do, what).not.toBe("create");
        if (one === "foreign" && action?.do === "remove") expect(action.ref.kind, what).toBe("RoleBinding");
        else if (one === "foreign") expect(action, what).toBeUndefined();
        if (action?.do === "remove")
          expect(["Tenant", "Secret", "Namespace", "RoleBinding", "ResourceSlice"], what).toContain(action.ref.kind);
        if (ns === "other") expect(action, what).toBeUndefined();
        if (action?.do === "remove" && action.ref.kind === "Namespace")
          expect([ns, one].join(" "), what).toBe("ours none");
        if (action?.do === "remove" && action.ref.kind === "Secret") expect(nonce, what).not.toBe("foreign");
        if (report.phase === "GONE" && one !== "foreign" && ns !== "other")
          expect([one, ns === "ours"], what).toEqual(["none", false]);
        if (report.phase !== "GONE") expect(report.released, what).toEqual([]);
        if (report.phase === "GONE" && bought !== "granted" && bought !== "leaving")
          expect(report.released, what).toEqual(["1 x"]);
      }
    }
  });

  test("what Liqo's Events say is told, and time-outs say what to look at", () => {
    const choice: Choice = ["ours", "ours", "full", "new", "none"];
    expect(planProvider(seen(choice, { tenantProblem: "Liqo refuses the customer." })).report).toMatchObject({
      phase: "WAITING",
      message: "Liqo refuses the customer.",
    });
    expect(planProvider(seen(choice)).report.whatToDo).toBeNull();
    const late = planProvider(
      seen(choice, {
        memory: { waits: { tenant: NOW - 1_000 }, isPeerDown: false, hasNetwork: null, endingSince: null },
      }),
    );
    expect(late.report.whatToDo).toContain("Events");
    expect(late.waits).toEqual({ tenant: NOW - 1_000 });
  });

  test("the copies of a customer's are removed before its Tenant, and the place stays while the other direction needs it", () => {
    const memory = { waits: {}, isPeerDown: true, hasNetwork: null, endingSince: 1 };
    const task = { ...play.task("PROVIDER"), contracts: [] };
    const down = (choice: Choice, changes: Partial<ProviderSeen> = {}): unknown =>
      planProviderDown(seen(choice, { task, memory, sold: {}, ...changes })).action;
    const copy = {
      apiVersion: "authentication.liqo.io/v1beta1",
      kind: "Renew",
      metadata: { name: "r", namespace: "n" },
    };
    const remains = { ...NO_REMAINS, copies: [copy] };
    expect(down(["ours", "ours", "full", "drained", "none"], { remains })).toMatchObject({ ref: { kind: "Renew" } });
    expect(down(["ours", "ours", "full", "drained", "none"])).toMatchObject({ ref: { kind: "Tenant" } });

    const last: Choice = ["ours", "ours", "none", "none", "none"];
    expect(down(last)).toMatchObject({ ref: { kind: "Namespace" } });
    expect(down(last, { task: { ...task, isOtherUp: true } })).toBeUndefined();
    // Without the binding that Secret could not be removed any more.
    const { view } = seen(last);
    const bought = {
      ...view,
      identities: [identity(place, "n", { apiServer: "https://a.example", signedCRT: "eA==" })].map(foreign),
      signedNonce: signedNonceSecret(place, "n"),
    };
    expect(down(last, { view: { ...bought, signedNonce: undefined } })).toMatchObject({ ref: { kind: "RoleBinding" } });
    expect(down(last, { view: bought })).toBeUndefined();
  });

  test("a customer that is taking its side down keeps its access until its copies are gone, or its time is up", () => {
    const task = { ...play.task("PROVIDER"), contracts: [] };
    const remains = { ...NO_REMAINS, copies: [changed(nonceSecret(place), { name: "renew" })] };
    const down = (endingSince: number, changes: Partial<ProviderSeen>): unknown => {
      const memory = { waits: {}, isPeerDown: false, hasNetwork: null, endingSince };
      const choice: Choice = ["ours", "ours", "full", "letIn", "none"];
      return planProviderDown(seen(choice, { task, memory, sold: {}, ...changes }));
    };
    const waiting = {
      action: undefined,
      report: { phase: "TAKING_DOWN", message: expect.stringContaining("has time") },
    };
    expect(down(NOW, { remains })).toMatchObject(waiting);
    const drained = { action: { patch: { spec: { tenantCondition: "Drained" } } } };
    expect(down(NOW, {})).toMatchObject(drained);
    expect(down(NOW - 1_000_000, { remains })).toMatchObject(drained);
  });

  test("a slice that Liqo overlooks while it drains is removed after a while", () => {
    const task = { ...play.task("PROVIDER"), contracts: [] };
    const memory = { waits: { drain: NOW - 1_000 }, isPeerDown: false, hasNetwork: null, endingSince: 1 };
    const { action } = planProviderDown(seen(["ours", "ours", "full", "drained", "granted"], { task, memory }));
    expect(action).toMatchObject({ do: "remove", ref: { kind: "ResourceSlice" } });
  });
});
