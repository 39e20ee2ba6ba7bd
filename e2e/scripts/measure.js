// node e2e/scripts/measure.js [subscribers]: measures what docs/operations.md says about sizing, on this machine, with a federation of its own.
import { performance } from "node:perf_hooks";
import { withClient } from "@catalog/server/database/ensure-database";
import { startFederation } from "../dist/federation/test-federation.js";
import { GENERAL } from "../dist/docs/sample-offer.js";

const SUBSCRIBERS = Number(process.argv[2] ?? 500);
const OFFERS = 200;
const PURCHASES = 100;
const say = (line) => process.stdout.write(`${line}\n`);

const many = {
  MAX_OFFERS: String(OFFERS),
  PENDING_PER_BUYER: "100",
  PENDING_SHARE_PERCENT: "100",
  NEW_IDS_PER_MINUTE: "100000",
};
const running = await startFederation(["turin", "paris"], many);
const { broker } = running.federation;
const [turin, paris] = ["turin", "paris"].map((name) => running.federation.connector(name));

try {
  await offers();
  await subscribers();
  await purchases();
} finally {
  await running.stop();
}

async function offers() {
  const before = await sizes();
  const started = performance.now();
  for (let n = 0; n < OFFERS - 1; n++)
    await turin.api.request("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", {
      offer: {
        ...GENERAL,
        offerID: `offer-${n}`,
        plans: GENERAL.plans.map((plan) => ({ ...plan, planQuantity: 1_000 })),
      },
    });
  const saved = performance.now();
  await until(async () => (await paris.api.request("{ offers { totalCount } }")).offers.totalCount === OFFERS - 1);
  const after = await sizes();
  say(
    `offers: ${OFFERS - 1} saved in ${ms(saved - started)}, the last seen by the other Connector ${ms(performance.now() - saved)} later`,
  );
  for (const [name, bytes] of Object.entries(after))
    say(`  database ${name}: ${kib((bytes - before[name]) / (OFFERS - 1))} for each`);
}

async function subscribers() {
  const query =
    "subscription { catalog { type cursor changes { revision op kind clusterID offerID offer { offerName } } } }";
  const before = await memory();
  const sockets = [];
  let synced = 0;
  let heard = 0;
  for (let n = 0; n < SUBSCRIBERS; n++) {
    const socket = broker.api.socket();
    sockets.push(socket);
    socket.subscribe(
      { query },
      {
        next: ({ data }) => {
          if (data.catalog.type === "SYNCED") synced++;
          if (data.catalog.changes.some((change) => change.offer?.offerName === "Changed")) heard++;
        },
        error: (error) => say(`  ${JSON.stringify(error)}`),
        complete() {},
      },
    );
    if (n % 50 === 49) await until(() => synced > n - 50);
  }
  await until(() => synced === SUBSCRIBERS);
  const after = await memory();
  say(
    `subscribers: ${SUBSCRIBERS}; memory of the Broker ${mib(before)} before, ${mib(after)} after: ${kib((after - before) / SUBSCRIBERS)} for each`,
  );
  const started = performance.now();
  await turin.api.request("mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }", {
    offer: { ...GENERAL, offerID: "offer-0", offerName: "Changed" },
  });
  await until(() => heard >= SUBSCRIBERS);
  say(`  a change of an offer reached the last of them after ${ms(performance.now() - started)}`);
  for (const socket of sockets) await socket.dispose();
}

async function purchases() {
  const before = await sizes();
  const started = performance.now();
  let active = 0;
  const buyer = async (first) => {
    for (let n = first; n < PURCHASES; n += 4) {
      const { buy } = await paris.api.request("mutation ($input: BuyInput!) { buy(input: $input) { state } }", {
        input: {
          clusterID: turin.spec.clusterID,
          offerID: `offer-${1 + n}`,
          planID: "small",
          requestID: `measure-${n}`,
        },
      });
      if (buy.state === "ACTIVE") active++;
    }
  };
  await Promise.all([0, 1, 2, 3].map(buyer));
  const took = performance.now() - started;
  const after = await sizes();
  say(
    `purchases: ${active} of ${PURCHASES} active, four at a time, in ${ms(took)}: ${(PURCHASES / (took / 1_000)).toFixed(1)} a second`,
  );
  for (const name of ["turin", "paris"])
    say(`  database ${name}: ${kib((after[name] - before[name]) / PURCHASES)} for each`);
  for (const part of [broker, turin, paris])
    say(
      `  ${part.process.options.name}: memory ${mib(await memory(part))}, ${await connections(part.process.options.name)} connections to PostgreSQL`,
    );
}

async function sizes() {
  const names = ["broker", "turin", "paris"];
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, Number(await ask(name, "SELECT pg_database_size(current_database())"))]),
    ),
  );
}

async function connections(name) {
  return Number(await ask(name, "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"));
}

function ask(name, sql) {
  return withClient(
    running.postgres.url(name),
    async (client) => (await client.query({ text: sql, rowMode: "array" })).rows[0][0],
  );
}

async function memory(part = broker) {
  const text = await (await fetch(`${part.opsUrl}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(text)[1]);
}

async function until(holds) {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("it did not come about within two minutes");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function ms(value) {
  return `${Math.round(value)} ms`;
}
function kib(bytes) {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}
function mib(bytes) {
  return `${(bytes / 1_024 / 1_024).toFixed(0)} MiB`;
}
