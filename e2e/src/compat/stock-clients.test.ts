import { execFile } from "node:child_process";
import { isDeepStrictEqual, promisify } from "node:util";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";

const OFFER = {
  offerName: "For everybody",
  plans: [
    {
      planID: "one",
      planName: "One",
      planCost: 0.1,
      planCostCurrency: "USD",
      planCostPeriod: "hour",
      planQuantity: 5,
      resources: { cpu: "1" },
    },
  ],
};

interface Change {
  readonly revision: number;
  readonly op: string;
  readonly kind: string;
  readonly fingerprint: string;
  readonly offerID: string | null;
  readonly jws: string | null;
}
interface Event {
  readonly type: string;
  readonly cursor: string;
  readonly changes: readonly Change[];
}

let running: TestFederation;
let broker: RunningPart;
let milan: RunningConnector;

beforeAll(async () => {
  running = await startFederation(["milan"]);
  broker = running.federation.broker;
  milan = running.federation.connector("milan");
  await saveOffer(milan.api, { ...OFFER, offerID: "early" });
  await waitFor(async () => (await availableOf(broker.api, milan.spec.clusterID, "early", "one")) === 5);
});
afterAll(async () => {
  await running?.stop();
});

/** A replica of the catalog in thirty lines, kept by a stock graphql-ws client: what any script may look like. */
class ScriptReplica {
  readonly events: Event[] = [];
  readonly items = new Map<string, string | null>();
  cursor: string | null = null;
  isSynced = false;
  readonly #client;

  constructor(url: string, since: string | null = null) {
    this.cursor = since;
    this.#client = createClient({
      url: `${url.replace(/^http/, "ws")}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: Number.MAX_SAFE_INTEGER,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
      shouldRetry: () => true,
    });
    const cursor = (): string | null => this.cursor;
    // The client sends the payload anew after each reconnect, and with it the cursor as it is then.
    const variables = {
      get since() {
        return cursor();
      },
    };
    this.#client.subscribe<{ catalog: Event }>(
      {
        query: `subscription ($since: String) {
          catalog(since: $since) { type cursor changes { revision op kind fingerprint offerID jws } } }`,
        variables,
      },
      {
        next: ({ data }) => data && this.#apply(data.catalog),
        error: (error) => this.events.push({ type: `error ${JSON.stringify(error)}`, cursor: "", changes: [] }),
        complete: () => undefined,
      },
    );
  }

  #apply(event: Event): void {
    this.events.push(event);
    for (const { kind, fingerprint, offerID, op, jws } of event.changes) {
      const key = `${kind} ${fingerprint} ${offerID}`;
      if (op === "UPSERT") this.items.set(key, jws);
      else this.items.delete(key);
    }
    if (event.type === "SYNCED") this.isSynced = true;
    this.cursor = event.cursor;
  }

  async dispose(): Promise<void> {
    await this.#client.dispose();
  }
}

describe("a stock graphql-ws client", () => {
  it("resumes by its cursor when the Broker was killed: nothing is missed and nothing comes twice", async () => {
    const replica = new ScriptReplica(broker.url);
    await waitFor(() => replica.isSynced);
    for (let round = 1; round <= 2; round++) {
      const saving = [1, 2, 3, 4].map((n) => saveOffer(milan.api, { ...OFFER, offerID: `at-death-${round}-${n}` }));
      await broker.process.kill();
      await Promise.all(saving);
      await saveOffer(milan.api, { ...OFFER, offerID: `while-away-${round}` });
      await milan.api.request("mutation ($id: ID!) { withdrawOffer(offerID: $id) { offerID } }", {
        id: `at-death-${round}-1`,
      });
      await broker.process.start();
      const last = `while-away-${round}`;
      await waitFor(() => [...replica.items.keys()].some((key) => key.endsWith(` ${last}`)), {
        timeoutMs: 60_000,
        what: last,
      });
    }

    expect(
      replica.events.map((event) => event.type).filter((type) => type === "RESET" || type.startsWith("error")),
    ).toEqual(["RESET"]);
    const live = replica.events.slice(replica.events.findIndex((event) => event.type === "SYNCED") + 1);
    const revisions = live.flatMap((event) => event.changes.map((change) => change.revision));
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));

    const fresh = new ScriptReplica(broker.url);
    await waitFor(() => fresh.isSynced);
    await waitFor(() => isDeepStrictEqual(sorted(replica.items), sorted(fresh.items)), { what: "the same catalog" });
    expect([...fresh.items.keys()].filter((key) => key.includes("while-away"))).toHaveLength(2);
    await Promise.all([replica.dispose(), fresh.dispose()]);
  });

  it("continues where another client of the same script has stopped", async () => {
    const first = new ScriptReplica(broker.url);
    await waitFor(() => first.isSynced);
    await first.dispose();
    await saveOffer(milan.api, { ...OFFER, offerID: "between" });
    await waitFor(async () => (await availableOf(broker.api, milan.spec.clusterID, "between", "one")) === 5);
    const second = new ScriptReplica(broker.url, first.cursor);
    await waitFor(() => second.isSynced);
    expect(second.events.map((event) => event.type)).not.toContain("RESET");
    expect([...second.items.keys()].map((key) => key.split(" ")[2])).toEqual(["between"]);
    await second.dispose();
  });

  it("reads a Connector's merged catalog in the same shape", async () => {
    const events: string[] = [];
    const client = milan.api.socket();
    client.subscribe<{ catalog: Event }>(
      { query: "subscription { catalog { type cursor changes { revision op kind fingerprint offerID jws } } }" },
      {
        next: ({ data }) => events.push(data?.catalog.type ?? "none"),
        error: (error) => events.push(`error ${JSON.stringify(error)}`),
        complete: () => undefined,
      },
    );
    await waitFor(() => events.includes("SYNCED"));
    expect(events[0]).toBe("RESET");
    await client.dispose();
  });
});

function sorted(items: ReadonlyMap<string, string | null>): [string, string | null][] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("plain HTTP", () => {
  const query = "{ broker { name } viewer { kind } }";

  it("answers fetch, by POST and by GET, in both media types of GraphQL over HTTP", async () => {
    const post = (accept: string) =>
      fetch(`${broker.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: JSON.stringify({ query }),
      });
    for (const accept of ["*/*", "application/json", "application/graphql-response+json"]) {
      const answer = await post(accept);
      expect([accept, answer.status]).toEqual([accept, 200]);
      expect(await answer.json()).toMatchObject({ data: { viewer: { kind: "ANONYMOUS" } } });
    }
    const got = await fetch(`${broker.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { "content-type": "application/json" },
    });
    expect([got.status, await got.json()]).toEqual([
      200,
      { data: expect.objectContaining({ viewer: { kind: "ANONYMOUS" } }) as unknown },
    ]);
    expect(got.headers.get("x-request-id")).toMatch(/\S+/);
  });

  it("keeps the caller's request id, and tells 401 as GraphQL JSON", async () => {
    const answer = await fetch(`${milan.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "from-the-caller-1" },
      body: JSON.stringify({ query: "{ contracts { contractID } }" }),
    });
    expect([answer.status, answer.headers.get("x-request-id")]).toEqual([401, "from-the-caller-1"]);
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: "UNAUTHENTICATED", definitive: true } }],
    });
  });
});

/** Reads and writes as an admin's script would that has nothing but a standard library. */
const PYTHON = `
import json, sys, urllib.error, urllib.request
url, token = sys.argv[1], sys.argv[2]
def ask(query, variables={}, token=token):
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    request = urllib.request.Request(url, json.dumps({"query": query, "variables": variables}).encode(), headers)
    try:
        return json.load(urllib.request.urlopen(request, timeout=20))
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)
offer = {"offerID": "from-python", "offerName": "Py", "plans": [{"planID": "one", "planName": "One", "planCost": 0.1, "planCostCurrency": "EUR",
         "planCostPeriod": "month", "planQuantity": 3, "resources": {"cpu": "1", "ram": "512Mi"}}]}
saved = ask("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID plans { planCost available resources } } }", {"offer": offer})
refused = ask("{ myOffers { offerID } }", token="wrong")
print(json.dumps({"saved": saved["data"]["saveOffer"], "refused": refused["errors"][0]["extensions"]["code"]}))
`;

const hasPython = await promisify(execFile)("python3", ["-c", "import urllib.request"]).then(
  () => true,
  () => false,
);

describe("Python's standard library", () => {
  it.skipIf(!hasPython)("saves an offer that the Broker shows (skipped where there is no python3)", async () => {
    const { stdout } = await promisify(execFile)("python3", ["-c", PYTHON, `${milan.url}/graphql`, milan.adminToken]);
    expect(JSON.parse(stdout)).toEqual({
      saved: {
        offerID: "from-python",
        plans: [{ planCost: 0.1, available: 3, resources: { cpu: "1", ram: "512Mi" } }],
      },
      refused: "UNAUTHENTICATED",
    });
    await waitFor(async () => (await availableOf(broker.api, milan.spec.clusterID, "from-python", "one")) === 3);
  });
});
