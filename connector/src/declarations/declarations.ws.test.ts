import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleOffer } from "../testing/sample-offers.js";
import { JOIN_SECRET, TestBroker } from "../testing/test-broker.js";
import { TestConnector } from "../testing/test-connector.js";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}

let root: string;
let folder: string;
let connector: TestConnector;
let broker: TestBroker;
let version = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "catalog-declarations-"));
  folder = join(root, "mounted");
  await mkdir(folder);
  broker = await TestBroker.start();
});
afterEach(async () => {
  await connector.stop();
  await broker.stop();
  await rm(root, { recursive: true, force: true });
});

/** Writes the files as the kubelet mounts a ConfigMap: a new folder, to which one link is switched. */
async function mount(files: Readonly<Record<string, unknown>>): Promise<void> {
  version += 1;
  const data = `..${version}`;
  await mkdir(join(folder, data));
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(folder, data, name), typeof value === "string" ? value : JSON.stringify(value));
    await symlink(join("..data", name), join(folder, name)).catch(() => undefined);
  }
  await symlink(data, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
}

async function start(settings: Record<string, string> = {}): Promise<void> {
  connector = await TestConnector.start({
    DECLARATIONS: folder,
    DECLARATIONS_LOOK: "50ms",
    CLUSTER_PRETTY_NAME: "Turin",
    CONTRACT_ENDPOINT: "http://localhost:1",
    ...settings,
  });
}

const offers = async () =>
  (await connector.get<{ myOffers: { offerID: string; declared: boolean }[] }>("{ myOffers { offerID declared } }"))
    .myOffers;
const brokers = async () =>
  (
    await connector.get<{
      brokers: { brokerID: string; brokerName: string; declared: boolean; subscribed: boolean }[];
    }>("{ brokers { brokerID brokerName declared subscribed } }")
  ).brokers;
const finding = async () =>
  (await connector.get<{ diagnostics: Finding[] }>("{ diagnostics { check ok message } }")).diagnostics.find(
    ({ check }) => check === "declarations",
  );
const isFine = () =>
  waitFor(async () => (await finding())?.message.includes(" are as ") === true && (await offers()).length > 0);

describe("declarations in a mounted folder", () => {
  it("are in force at start and after each change, with the Broker there or not", async () => {
    await mount({
      "a.yaml": { offers: [sampleOffer({ offerID: "a" })], brokers: [{ name: "Alps", joinFile: "../join" }] },
    });
    await start();
    await waitFor(async () => (await finding())?.message.includes("there is no join string"));
    expect(await offers()).toEqual([{ offerID: "a", declared: true }]);
    await writeFile(join(root, "join"), `${broker.join()}\n`);
    await isFine();
    expect(broker.tokens).toEqual([JOIN_SECRET]);
    expect(await brokers()).toEqual([
      { brokerID: broker.fingerprint, brokerName: "Alps", declared: true, subscribed: true },
    ]);
    await waitFor(() => broker.documents.has("a"));
    await mount({
      "a.yaml": {
        offers: [sampleOffer({ offerID: "b" })],
        brokers: [{ joinFile: "../join", name: "Peaks", subscribed: false }],
      },
    });
    await waitFor(async () => (await offers())[0]?.offerID === "b" && (await brokers())[0]?.brokerName === "Peaks");
    await waitFor(async () => (await brokers())[0]?.subscribed === false);
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "b" })] } });
    await waitFor(async () => (await brokers()).length === 0);
  });

  it("say that a Broker is away, while everything else is in force", async () => {
    await writeFile(join(root, "join"), broker.join());
    await broker.stop();
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "a" })], brokers: [{ joinFile: "../join" }] } });
    await start();
    await waitFor(async () => (await finding())?.message.includes("PEER_UNREACHABLE"));
    expect([await offers(), await brokers()]).toEqual([[{ offerID: "a", declared: true }], []]);
    broker = await TestBroker.start();
    await writeFile(join(root, "join"), broker.join());
    await isFine();
    expect((await brokers())[0]?.brokerID).toBe(broker.fingerprint);
  });

  it("change nothing while anything in them is wrong, and say what", async () => {
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "a" })] } });
    await start();
    await isFine();
    await mount({ "a.yaml": "offers:\n  - offerID: a\n   offerName: x\n" });
    await waitFor(async () => (await finding())?.message.includes("is not YAML"));
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "z" }), { offerID: "a", plan: [] }] } });
    await waitFor(async () => (await finding())?.message.includes("offers[1].plan: is not known here"));
    await rm(join(folder, "a.yaml"));
    await waitFor(async () => (await finding())?.message.includes("declares nothing"));
    expect(await offers()).toEqual([{ offerID: "a", declared: true }]);
    await mount({ "a.yaml": "offers: []\n" });
    await waitFor(async () => (await offers()).length === 0 && (await finding())?.ok);
  });

  it("are not changed through the API, and leave alone what was made through it", async () => {
    await writeFile(join(root, "join"), broker.join());
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "a" })], brokers: [{ joinFile: "../join" }] } });
    await start();
    await isFine();
    const id = { id: broker.fingerprint };
    expect(await connector.ask('mutation { withdrawOffer(offerID: "a") { offerID } }')).toMatchObject({
      code: "OFFER_DECLARED",
    });
    for (const change of ["unregisterBroker(brokerID: $id)", "setBrokerSubscription(brokerID: $id, subscribed: false)"])
      expect(await connector.ask(`mutation ($id: ID!) { ${change} { brokerID } }`, id)).toMatchObject({
        code: "BROKER_DECLARED",
      });
    await connector.get("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", {
      offer: sampleOffer({ offerID: "mine" }),
    });
    await mount({ "a.yaml": "offers: []" });
    await waitFor(async () => (await brokers()).length === 0);
    expect(await offers()).toEqual([{ offerID: "mine", declared: false }]);
  });

  it("leave no Broker while one of them cannot be told apart from it yet", async () => {
    await writeFile(join(root, "join"), broker.join());
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "a" })], brokers: [{ joinFile: "../join" }] } });
    await start();
    await isFine();
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "b" })], brokers: [{ joinFile: "../not-there-yet" }] } });
    await waitFor(async () => (await finding())?.message.includes("there is no join string in") === true);
    await waitFor(async () => (await offers())[0]?.offerID === "b");
    expect((await brokers()).map(({ brokerID }) => brokerID)).toEqual([broker.fingerprint]);
  });

  it("never hold a secret themselves", async () => {
    await mount({ "a.yaml": { offers: [sampleOffer({ offerID: "a" })], brokers: [{ join: broker.join() }] } });
    await start();
    await waitFor(async () => (await finding())?.message.includes("holds a secret"));
    const told = (await finding())?.message ?? "";
    expect([told.includes(JOIN_SECRET), broker.tokens]).toEqual([false, []]);
  });
});
