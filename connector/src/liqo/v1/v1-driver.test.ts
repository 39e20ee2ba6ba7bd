import { describe, expect, test } from "vitest";
import { CatalogError } from "@catalog/schema/errors";
import { EndpointRefusedError } from "@catalog/server/outgoing/endpoint-refused.error";
import { KubeForbiddenError, KubeUnavailableError } from "../kube/kube.errors.js";
import { PlayedPeering } from "./testing/played-peering.js";

const SLICE = {
  apiVersion: "authentication.liqo.io/v1beta1",
  kind: "ResourceSlice",
  namespace: "liqo-tenant-paris",
  name: "catalog-turin",
};
const cpuOf = (play: PlayedPeering): unknown =>
  (play.turin.kube.peek(SLICE)?.status as { resources?: Record<string, string> } | undefined)?.resources?.["cpu"];

function expectClean(play: PlayedPeering): void {
  expect(play.turin.kube.names()).toEqual(play.before.turin);
  expect(play.paris.kube.names()).toEqual(play.before.paris);
}

describe("from contract to node and back", () => {
  test("connects, grows, shrinks, and leaves nothing behind", async () => {
    const play = new PlayedPeering();
    const [first] = [play.buy("2 first")];
    await play.until("ESTABLISHED");
    expect(cpuOf(play)).toBe("2");
    const second = play.buy("3 second");
    await play.until("ESTABLISHED");
    await play.turn();
    expect(cpuOf(play)).toBe("5");
    play.end(second);
    await play.turn();
    await play.turn();
    expect(cpuOf(play)).toBe("2");
    expect(play.reports.get("PROVIDER")?.released).toEqual(["3 second"]);
    expect(play.reports.get("CUSTOMER")?.released).toEqual(["3 second"]);
    play.end(first);
    await play.until("GONE");
    expect(play.reports.get("PROVIDER")?.released).toEqual(["3 second", "2 first"]);
    expectClean(play);
  });

  test("connects the networks too, where it is wanted", async () => {
    const play = new PlayedPeering();
    play.network = true;
    const contract = play.buy("1 x");
    await play.until("ESTABLISHED");
    for (const { kube } of [play.turin, play.paris]) {
      const kinds = [...kube.objects.values()].map(({ kind }) => kind);
      expect(kinds).toEqual(
        expect.arrayContaining([
          "Configuration",
          "PublicKey",
          kube === play.turin.kube ? "GatewayServer" : "GatewayClient",
        ]),
      );
    }
    play.end(contract);
    await play.until("GONE");
    expectClean(play);
  });

  test("switches the networks off while the contract goes on: both halves go, and come again when they are wanted again", async () => {
    const play = new PlayedPeering();
    const networks = (): string[] =>
      [play.turin, play.paris].flatMap(({ kube }) =>
        [...kube.objects.values()]
          .filter(({ apiVersion, kind }) => apiVersion.startsWith("networking") && kind !== "Connection")
          .map(({ kind }) => kind),
      );
    play.network = true;
    const contract = play.buy("1 x");
    await play.until("ESTABLISHED");
    expect(networks()).toHaveLength(6);
    play.network = false;
    await play.until("ESTABLISHED");
    await play.turn();
    expect(networks()).toEqual([]);
    expect(cpuOf(play)).toBe("1");
    const { steps } = play.reports.get("CUSTOMER") ?? {};
    expect(steps?.map(({ name }) => name)).not.toContain("network");
    play.network = true;
    await play.until("ESTABLISHED");
    expect(networks()).toHaveLength(6);
    play.wanted = false;
    for (let turn = 0; turn < 5; turn++) await play.turn();
    expect(networks()).toEqual([]);
    play.wanted = true;
    await play.until("ESTABLISHED");
    play.end(contract);
    await play.until("GONE");
    expectClean(play);
  });

  test("two clusters that buy from each other share one tunnel, also where both began to wait for the other's call", async () => {
    const there = new PlayedPeering();
    const back: PlayedPeering = Object.assign(new PlayedPeering(), { turin: there.paris, paris: there.turin });
    const gateways = (): string[] =>
      [there.turin, there.paris].flatMap(({ id, kube }) =>
        [...kube.objects.values()].filter(({ kind }) => kind.startsWith("Gateway")).map(({ kind }) => `${id} ${kind}`),
      );
    there.network = back.network = true;
    const contracts = [there.buy("1 x"), back.buy("2 y")] as const;
    for (let turn = 0; turn < 12; turn++) for (const play of [there, back]) await play.turn();
    const told = [there, back].flatMap(({ reports }) =>
      [...reports.values()].map(({ phase, message }) => `${phase}: ${message}`),
    );
    expect(
      told.map((one) => one.split(":")[0]),
      told.join("; "),
    ).toEqual(Array(4).fill("ESTABLISHED"));
    expect(gateways().sort()).toEqual(["paris GatewayServer", "turin GatewayClient"]);
    there.end(contracts[0]);
    for (let turn = 0; turn < 12; turn++) for (const play of [there, back]) await play.turn();
    expect(back.reports.get("CUSTOMER")?.phase).toBe("ESTABLISHED");
    expect(gateways()).toHaveLength(2);
    back.end(contracts[1]);
    await back.until("GONE");
    expectClean(there);
  });

  test("does nothing more once it is connected", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    await play.turn();
    const versions = (): string =>
      JSON.stringify([...play.turin.kube.objects.values(), ...play.paris.kube.objects.values()]);
    const before = versions();
    await play.turn();
    expect(versions()).toBe(before);
  });

  test("the provider alone: the customer is shown out after its time, and released only then", async () => {
    const play = new PlayedPeering();
    const contract = play.buy("1 x");
    await play.until("ESTABLISHED");
    play.isCustomerThere = false;
    play.end(contract);
    await play.turn();
    expect(play.reports.get("PROVIDER")).toMatchObject({ phase: "TAKING_DOWN", released: [] });
    expect(cpuOf(play)).toBe("0");
    await play.until("GONE");
    expect(play.turin.kube.names()).toEqual(play.before.turin);
    play.isCustomerThere = true;
    await play.until("GONE");
    expectClean(play);
  });

  test("bought again while the customer is being shown out", async () => {
    const play = new PlayedPeering();
    play.end(play.buy("1 x"));
    play.buy("2 y");
    await play.until("ESTABLISHED");
    play.isCustomerThere = false;
    const [last] = play.active;
    if (last !== undefined) play.end(last);
    const tenant = { apiVersion: SLICE.apiVersion, kind: "Tenant", namespace: SLICE.namespace, name: "paris" };
    await play.turn();
    play.now += 61_000;
    play.turin.kube.before = (verb, { kind }) => {
      if (verb === "delete" && kind === "Tenant")
        throw new KubeUnavailableError({ verb, resource: "tenants", object: "x" }, "down");
    };
    await play.turn().catch(() => undefined);
    expect(play.turin.kube.peek(tenant)?.spec).toMatchObject({ tenantCondition: "Drained" });
    play.turin.kube.before = () => undefined;
    play.isCustomerThere = true;
    play.buy("4 z");
    await play.until("ESTABLISHED");
    expect(play.turin.kube.peek(tenant)?.spec).toMatchObject({ tenantCondition: "Active" });
    await play.turn();
    expect(cpuOf(play)).toBe("4");
  });

  test("what somebody deletes by hand comes back", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    const names = (): string[][] =>
      [play.turin, play.paris].map(({ kube }) => kube.names().filter((name) => !name.startsWith("Event")));
    const want = names();
    for (const { kube } of [play.turin, play.paris])
      for (const object of Array.from(kube.objects.values())) {
        if (object.metadata.labels?.["app.kubernetes.io/managed-by"] !== "the-catalog") continue;
        if (object.kind === "Secret" && object.metadata.name === "liqo-signed-nonce") continue; // needed only for the handshake
        kube.drop(object);
        await play.until("ESTABLISHED");
        expect(names(), `${object.kind} ${object.metadata.name}`).toEqual(want);
      }
  });

  test("an Identity that Liqo made for a slice does not stand in for that of the handshake", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    const ref = { apiVersion: SLICE.apiVersion, kind: "Identity", namespace: "liqo-tenant-turin" };
    const made = play.paris.kube.peek({ ...ref, name: "controlplane-turin" });
    if (made === undefined) throw new Error("no Identity was made");
    play.paris.kube.drop(made);
    play.paris.kube.put({
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: { name: "resourceslice-catalog-turin", namespace: ref.namespace },
      spec: { clusterID: "turin", type: "ResourceSlice" },
    });
    await play.turn();
    await play.turn();
    expect(play.paris.kube.peek({ ...ref, name: "controlplane-turin" })).toBeDefined();
  });

  test("unwanted by the customer's admin: down there, and up again", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    play.wanted = false;
    for (let turn = 0; turn < 5; turn++) await play.turn();
    expect(play.reports.get("CUSTOMER")?.phase).toBe("GONE");
    expect(play.paris.kube.names()).toEqual(play.before.paris);
    play.wanted = true;
    await play.until("ESTABLISHED");
  });

  test("an allowance keeps the customer in", async () => {
    const play = new PlayedPeering();
    const contract = play.buy("1 x");
    await play.until("ESTABLISHED");
    play.isAllowed = true;
    play.end(contract);
    play.isCustomerThere = false;
    await play.turn();
    expect(play.reports.get("PROVIDER")).toMatchObject({ phase: "ESTABLISHED", released: ["1 x"] });
    expect(play.turin.kube.names()).toContain("Tenant liqo-tenant-paris/paris");
  });
});

describe("crashes", () => {
  /** Fails the `at`th request, in whichever cluster, once; returns whether it came to that. */
  function faultAt(play: PlayedPeering, at: number): () => boolean {
    let calls = 0;
    for (const { kube } of [play.turin, play.paris])
      kube.before = (verb) => {
        if (++calls === at) throw new KubeUnavailableError({ verb, resource: "x", object: "x" }, "crash");
      };
    return () => calls >= at;
  }

  test("at every request on the way up and down: it converges, and nothing is left", { timeout: 40_000 }, async () => {
    let faults = 0;
    for (let at = 1, isHit = true; isHit; at += 3) {
      const play = new PlayedPeering();
      const contract = play.buy("2 x");
      let wasHit = faultAt(play, at);
      await play.until("ESTABLISHED", true);
      isHit = wasHit();
      for (const { kube } of [play.turin, play.paris]) kube.before = () => undefined;
      await play.turn();
      expect(cpuOf(play)).toBe("2");
      wasHit = faultAt(play, at);
      play.end(contract);
      await play.until("GONE", true);
      isHit ||= wasHit();
      expectClean(play);
      if (isHit) faults++;
    }
    expect(faults).toBeGreaterThan(20);
  });
});

describe("what others have made, and what goes wrong", () => {
  test("an identity that the provider has made anew is taken over, however the customer missed it", async () => {
    const play = new PlayedPeering();
    play.buy("2 x");
    await play.until("ESTABLISHED");
    const ref = { apiVersion: SLICE.apiVersion, kind: "Tenant", namespace: "liqo-tenant-paris", name: "paris" };
    const tenant = play.turin.kube.peek(ref);
    const status = tenant?.status as { readonly authParams: object } | undefined;
    if (tenant === undefined || status === undefined) throw new Error("no Tenant");
    const authParams = { ...status.authParams, apiServer: "https://moved.example" };
    play.turin.kube.put({ ...tenant, status: { ...status, authParams } });
    await play.turn();
    await play.until("ESTABLISHED");
    const identity = { ...ref, kind: "Identity", namespace: "liqo-tenant-turin", name: "controlplane-turin" };
    expect(play.paris.kube.peek(identity)?.spec).toMatchObject({ authParams });
  });

  test("a peering by hand is left alone on both sides, before and after", async () => {
    const play = new PlayedPeering();
    const put = (kind: string, name: string, side: "turin" | "paris", spec: object): void =>
      void play[side].kube.put({
        apiVersion: SLICE.apiVersion,
        kind,
        metadata: { name, namespace: `liqo-tenant-${side === "turin" ? "paris" : "turin"}` },
        spec,
      });
    for (const [side, peer] of [
      ["turin", "paris"],
      ["paris", "turin"],
    ] as const)
      play[side].kube.put({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: `liqo-tenant-${peer}`,
          labels: { "liqo.io/remote-cluster-id": peer, "liqo.io/tenant-namespace": "true" },
        },
      });
    put("Tenant", "by-hand", "turin", { clusterID: "paris", tenantCondition: "Active" });
    put("Identity", "by-hand", "paris", { clusterID: "turin" });
    const [turin, paris] = [play.turin.kube.names(), play.paris.kube.names()];
    const contract = play.buy("1 x");
    await play.turn();
    await play.turn();
    expect(play.reports.get("CUSTOMER")?.phase).toBe("FAILED");
    play.end(contract);
    await play.until("GONE");
    expect(play.turin.kube.names()).toEqual(expect.arrayContaining(turin));
    expect(play.paris.kube.names()).toEqual(expect.arrayContaining(paris));
    expect(play.turin.kube.names().filter((name) => name.startsWith("Namespace") || name.startsWith("Tenant"))).toEqual(
      turin.filter((name) => name.startsWith("Namespace") || name.startsWith("Tenant")),
    );
  });

  test("a missing permission is told in plain words, with what to do", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    play.turin.kube.before = (verb, ref) => {
      if (verb === "create")
        throw new KubeForbiddenError({ verb, resource: "namespaces", object: `${ref.kind} x` }, "no");
    };
    const report = await play.reconcile("PROVIDER");
    expect(report.phase).toBe("FAILED");
    expect(report.whatToDo).toContain('"create" on "namespaces"');
  });

  test("an id that Kubernetes does not take", async () => {
    const play = new PlayedPeering();
    const ended = play.buy("1 x");
    for (const side of ["PROVIDER", "CUSTOMER"] as const) {
      const task = { ...play.task(side), peer: { ...play.task(side).peer, clusterID: "Paris_1" } };
      const report = await play.driver(play.turin).reconcile(task, play.exchange);
      expect(report).toMatchObject({ phase: "FAILED" });
      expect(report.message).toContain("Paris_1");
      const after = await play.driver(play.turin).reconcile({ ...task, contracts: [], ending: [ended] }, play.exchange);
      expect(after, "its units come back all the same").toMatchObject({ phase: "GONE", released: ["1 x"] });
    }
    expect(play.turin.kube.names().filter((name) => name.startsWith("Namespace"))).toEqual([]);
  });

  test("another identity with the same cluster id", async () => {
    const play = new PlayedPeering();
    const contract = play.buy("1 x");
    await play.until("ESTABLISHED");
    const other = { ...contract, buyer: { ...contract.buyer, fingerprint: "fp-other" } };
    const { reply } = await play.driver(play.turin).answer(other, { type: "nonce" }, null);
    expect(reply.type).toBe("refused");
    const task = { ...play.task("PROVIDER"), peer: { ...play.task("PROVIDER").peer, fingerprint: "fp-other" } };
    expect(await play.driver(play.turin).reconcile(task, play.exchange)).toMatchObject({ phase: "FAILED" });
  });

  test("what is connected stays so while the provider's Connector is away", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    play.exchange = async () => {
      throw new CatalogError("PEER_UNREACHABLE", "away");
    };
    expect(await play.reconcile("CUSTOMER")).toMatchObject({ phase: "ESTABLISHED" });
  });

  test("what takes too long comes with a hint, although the provider is asked at each turn", async () => {
    const play = new PlayedPeering();
    play.buy("1 x");
    await play.until("ESTABLISHED");
    const { exchange } = play;
    play.exchange = async (contract, message) => {
      if (message.type === "status")
        return { type: "status", message: "", hasTenant: true, hasNetwork: false, granted: {} };
      return exchange(contract, message);
    };
    play.network = true;
    const told: unknown[] = [];
    for (const wait of [0, 20_000, 20_000]) {
      play.now += wait;
      told.push((await play.reconcile("CUSTOMER")).whatToDo);
    }
    expect(told.slice(0, 2)).toEqual([null, null]);
    expect(told[2]).toEqual(expect.any(String));
  });

  test("an address that may not be called is not given to Liqo", async () => {
    const play = new PlayedPeering();
    const driver = play.driver.bind(play);
    play.driver = (cluster) => {
      const made = driver(cluster);
      const { settings } = made["customer"] as unknown as {
        settings: { checkAddress: (url: string) => Promise<void> };
      };
      settings.checkAddress = async (url) => {
        throw new EndpointRefusedError({ url, rule: "it is a private address", setting: "ALLOW_CIDRS" });
      };
      return made;
    };
    play.buy("1 x");
    for (let turn = 0; turn < 4; turn++) await play.turn();
    const report = play.reports.get("CUSTOMER");
    expect(report?.phase).toBe("FAILED");
    expect(report?.message).toMatch(/What the provider told cannot be used: .* may not be used here: it is a private/);
    expect(report?.whatToDo).toContain("ALLOW_CIDRS");
    expect(play.paris.kube.names().filter((name) => name.startsWith("Identity"))).toEqual([]);
  });

  test("nor is the address of a gateway", async () => {
    const play = new PlayedPeering();
    const driver = play.driver.bind(play);
    const checked: string[] = [];
    play.driver = (cluster) => {
      const made = driver(cluster);
      const { settings } = made["customer"] as unknown as {
        settings: { checkAddress: (url: string) => Promise<void> };
      };
      settings.checkAddress = async (url) => {
        checked.push(url);
        if (url.includes("51840")) throw new EndpointRefusedError({ url, rule: "link-local" });
      };
      return made;
    };
    const { exchange } = play;
    play.exchange = async (contract, message) =>
      message.type === "network"
        ? {
            type: "network",
            cidr: { pod: ["10.1.0.0/16"], external: ["10.2.0.0/16"] },
            endpoint: { addresses: ["169.254.169.254"], port: 51_840, protocol: "UDP" },
            publicKey: null,
          }
        : exchange(contract, message);
    play.network = true;
    play.buy("1 x");
    for (let turn = 0; turn < 8; turn++) await play.turn();
    expect(checked).toContain("https://169.254.169.254:51840");
    expect(play.reports.get("CUSTOMER")?.message).toMatch(/cannot be used: .*link-local/);
    expect(play.reports.get("CUSTOMER")?.whatToDo).toContain("provider");
    expect(play.paris.kube.names().filter((name) => name.startsWith("GatewayClient"))).toEqual([]);
  });
});
