import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ForeignCluster } from "../testing/foreign-cluster.js";
import { sampleOffer } from "../testing/sample-offers.js";
import { TestBroker } from "../testing/test-broker.js";
import { TestConnector } from "../testing/test-connector.js";
import { run, type Run } from "./testing/run.js";

const TOKEN = "the-admin-token-of-a-test";
let connector: TestConnector;
let broker: TestBroker;
let folder: string;

beforeAll(async () => {
  [connector, broker] = await Promise.all([TestConnector.start(), TestBroker.start()]);
  folder = await mkdtemp(join(tmpdir(), "catalog-cli-"));
  await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
});
afterAll(async () => {
  await connector.stop();
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({ CATALOG_URL: `http://localhost:${connector.ports.admin}`, CATALOG_TOKEN: TOKEN });
const catalog = (args: string, input = ""): Promise<Run> => run(args.split(" "), environment(), input);
async function fileOf(name: string, value: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

describe("the command line", () => {
  it("names the cluster and joins a Broker", async () => {
    expect(await run(["init", "Turin", "http://localhost:1"], environment())).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^name +Turin\n/),
    });
    const { code, out } = await run(["join", "-", "--name", "Alps", "-o", "json"], environment(), `${broker.join()}\n`);
    expect([code, JSON.parse(out)]).toMatchObject([0, { brokerName: "Alps", membership: "ADMITTED" }]);
    expect(await catalog("brokers")).toMatchObject({ code: 0, out: expect.stringContaining("Alps") });
    expect(await run(["join", broker.join()], environment())).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^catalog: BROKER_EXISTS: /),
    });
    expect(await catalog(`join @${folder}/nothing`)).toMatchObject({ code: 1, err: expect.stringContaining("ENOENT") });
  });

  it("applies offers from files, folders and standard input, and says what would change", async () => {
    const file = await fileOf("a.yaml", { offers: [sampleOffer({ offerID: "a" }), sampleOffer({ offerID: "b" })] });
    expect(await catalog(`offers diff -f ${file}`)).toMatchObject({ code: 3, out: "a: create\nb: create\n" });
    expect(await catalog(`offers apply --dry-run -f ${file}`)).toMatchObject({
      code: 0,
      out: "a: create\nb: create\n",
    });
    expect(await catalog("offers list -o json")).toMatchObject({ out: "[]\n" });
    expect((await catalog(`offers apply -f ${folder}`)).code).toBe(0);
    expect(await catalog(`offers diff -f ${file}`)).toMatchObject({ code: 0, out: "a: as it is\nb: as it is\n" });
    const documents = `${JSON.stringify(sampleOffer({ offerID: "a", quantity: 9 }))}\n---\n- ${JSON.stringify(sampleOffer({ offerID: "c" }))}\n`;
    expect(await catalog("offers apply -f -", documents)).toMatchObject({
      code: 0,
      out: "a: update\n  plans.small.planQuantity: 4 -> 9\nc: create\n",
    });
    const listed = parse((await catalog("offers list -o yaml")).out) as {
      offerID: string;
      plans: { planQuantity: number }[];
    }[];
    expect(listed.map((one) => [one.offerID, one.plans[0]?.planQuantity])).toEqual([
      ["a", 9],
      ["b", 4],
      ["c", 4],
    ]);
  });

  it("sends nothing while anything in a file is wrong, and names it all", async () => {
    const bad = await fileOf("bad.json", [
      sampleOffer({ offerID: "z" }),
      { offerID: "y", price: 3 },
      { ...sampleOffer(), offerID: undefined },
    ]);
    const { code, err } = await catalog(`offers apply -f ${bad}`);
    expect(code).toBe(1);
    for (const told of ["[0][1].price: is not known here", "[0][1].offerName", "[0][2].offerID: must be given"])
      expect(err).toContain(told);
    expect((await catalog("offers list")).out).not.toMatch(/^z /m);
    expect(await catalog("offers apply -f -", "a: [")).toMatchObject({
      code: 1,
      err: expect.stringContaining("is not YAML"),
    });
  });

  it("pauses, resumes and withdraws", async () => {
    expect((await catalog("offers pause b")).code).toBe(0);
    expect((await catalog("offers list")).out).toMatch(/^b +General purpose +paused/m);
    expect((await catalog("offers resume b")).code).toBe(0);
    expect((await catalog("offers delete b c")).code).toBe(0);
    expect((await catalog("offers list")).out).not.toMatch(/^[bc] /m);
    expect(await catalog("offers delete never")).toMatchObject({
      code: 1,
      err: expect.stringContaining("OFFER_NOT_FOUND"),
    });
  });

  it("searches the Catalog", async () => {
    const turin = await ForeignCluster.create("turin");
    broker.send(
      { type: "RESET", cursor: "c0", changes: [] },
      { type: "ITEMS", cursor: "c1", changes: [await turin.cluster(1), await turin.listing("o", 2)] },
      { type: "SYNCED", cursor: "c1", changes: [] },
    );
    await waitFor(async () => (JSON.parse((await catalog("search -o json")).out) as unknown[]).length === 1);
    expect((await catalog("search")).out).toContain(" o ");
    expect((await catalog("search --max-cost 0.000001EUR/hour --sort -cost")).out).toMatch(/^PROVIDER.*\n$/);
    expect((await catalog("search --facets")).out).toMatch(/^currency +\w+ +1$/m);
    expect(await catalog("search --max-cost 3EUR")).toMatchObject({ code: 2 });
    expect(await catalog("search --sort price")).toMatchObject({ code: 2 });
  });

  it("verifies an offer offline, with descriptors that it is given or that its Connector has pinned", async () => {
    const [{ jws } = { jws: "" }] = JSON.parse((await catalog("search -o json")).out) as { jws: string }[];
    expect(await catalog("verify -", jws)).toMatchObject({ code: 3, out: expect.stringContaining("--descriptor") });
    expect(await catalog("verify - --pins", jws)).toMatchObject({ code: 0, out: expect.stringContaining("hold") });
    const forged = jws.slice(0, -4) + (jws.endsWith("AAAA") ? "BBBB" : "AAAA");
    expect(await catalog("verify - --pins", forged)).toMatchObject({ code: 3 });
    expect(await catalog(`verify - --pins --by ${"A".repeat(43)}`, jws)).toMatchObject({
      code: 3,
      err: expect.stringContaining("Not signed by"),
    });
  });

  it("lists and decides nothing that is not there, in plain words", async () => {
    expect(await catalog("contracts list -o json")).toMatchObject({ code: 0, out: "[]\n" });
    expect(await catalog("peer status -o json")).toMatchObject({ code: 0, out: "[]\n" });
    for (const command of ["show", "approve", "reject", "terminate"])
      expect(await catalog(`contracts ${command} nothing`)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^catalog: CONTRACT_NOT_FOUND: .*\n$/),
      });
    expect(await catalog("buy nobody nothing small")).toMatchObject({
      code: 1,
      err: expect.stringContaining("_NOT_FOUND"),
    });
  });

  it("finds what is wrong", async () => {
    const { code, out } = await catalog("doctor --all");
    expect(out).toContain("ok: api.reachable: ");
    expect(out).toContain("ok: database: PostgreSQL answers.");
    expect(out).toContain("warning: contractEndpoint.address: ");
    const findings = JSON.parse((await catalog("doctor -o json")).out) as { ok: boolean; severity: string }[];
    expect(code).toBe(findings.some(({ ok, severity }) => !ok && severity === "ERROR") ? 3 : 0);
  });

  it("ends with a number that says why", async () => {
    const { CATALOG_URL } = environment();
    expect(await run(["brokers"], { CATALOG_URL })).toMatchObject({
      code: 5,
      err: expect.stringContaining("UNAUTHENTICATED"),
    });
    expect(await run(["brokers", "--token-file", join(folder, "no")], { CATALOG_URL })).toMatchObject({ code: 5 });
    expect(await run(["brokers"], { CATALOG_URL: "http://localhost:9" })).toMatchObject({ code: 6 });
    expect(await run(["brokers"], { CATALOG_URL: `http://localhost:${connector.ports.ops}` })).toMatchObject({
      code: 6,
      err: expect.stringContaining("not the admin API"),
    });
    expect(await run(["brokers"], { CATALOG_URL: "nonsense" })).toMatchObject({ code: 2 });
    for (const wrong of ["nonsense", "buy", "buy a b c -n 0", "offers list -o xml", "buy a b c --valid-until soon"])
      expect(await catalog(wrong)).toMatchObject({ code: 2 });
    expect(await catalog("--help")).toMatchObject({ code: 0 });
    expect(await catalog("--version")).toMatchObject({ code: 0, out: "1.2.3\n" });
  });

  it("finds the Connector of its own container, and never prints a token", async () => {
    const token = await fileOf("admin-token", TOKEN);
    const own = { ADMIN_PORT: String(connector.ports.admin) };
    expect((await run(["brokers"], { ...own, DATA_DIR: folder })).code).toBe(0);
    expect((await run(["brokers", "--token-file", token], own)).code).toBe(0);
    const secret = "a-secret-that-is-no-token";
    const { code, out, err } = await run(["brokers", "--token", secret], own);
    expect([code, (out + err).includes(secret)]).toEqual([5, false]);
    const odd = await run(["brokers"], { ...own, CATALOG_TOKEN: "a\nb-secret" });
    expect([odd.code, odd.err.includes("b-secret")]).toEqual([5, false]);
  });
});
