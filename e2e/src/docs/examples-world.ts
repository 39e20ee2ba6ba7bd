import { generateKeyPairSync } from "node:crypto";
import { waitFor } from "@catalog/server/testing/wait-for";
import { startFederation } from "../federation/test-federation.js";
import { ask, MachineLine } from "../fuzz/machine-line.js";
import { Stranger } from "../fuzz/stranger.js";
import { StrangerBuyer } from "../fuzz/stranger-purchase.js";
import type { World } from "./example.js";

/** A federation for the examples, and the names that stand for its random ones in the documentation. */
export interface ExamplesWorld {
  readonly world: World;
  readonly names: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

const FINGERPRINTS = {
  broker: "U1VIFEWc3839sT-9UEX4CyxY1kMKoO1ZaSbxcXUjOaI",
  turin: "-m9V3-DgDqSrEZR86mCGjMMC9Gs6ApEtZFEMinqc8aE",
  paris: "usMz3F7u6m1vI7kSB8PoZccNJRtGaAng7f_1SwD6TWc",
  stranger: "Qx3qJ0cM5mVw1jT2oYvJ4n8rT6kZb9sLh0aPeUfDgRc",
};

export async function startExamplesWorld(): Promise<ExamplesWorld> {
  const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
  const liqo = { LIQO_VERSION: "1.2.0", LIQO_PUBLIC_KEY: Buffer.from(publicKey).toString("base64") };
  const running = await startFederation(["turin", "paris"], {
    ...liqo,
    PEERING_LOOK: "1s",
    BROKER_NAME: "Demo Broker",
  });
  const { federation } = running;
  const [turin, paris] = [federation.connector("turin"), federation.connector("paris")];
  const fingerprintOf = async ({ api }: typeof turin): Promise<string> =>
    (await api.request<{ connector: { fingerprint: string } }>("{ connector { fingerprint } }")).connector.fingerprint;
  const [ofTurin, ofParis] = await Promise.all([fingerprintOf(turin), fingerprintOf(paris)]);
  const { broker } = await ask<{ broker: { fingerprint: string } }>(
    federation.broker.url,
    "{ broker { fingerprint } }",
  );
  const stranger = await Stranger.named("lyon", "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0009");
  const line = new MachineLine(stranger, federation.broker.url, broker.fingerprint);
  const buyer = await StrangerBuyer.at(stranger, turin.contractEndpoint);
  const seen = new Map<string, unknown>([
    ["turin", ofTurin],
    ["broker", broker.fingerprint],
  ]);
  const names = new Map([
    [turin.spec.clusterID, "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0001"],
    [paris.spec.clusterID, "0b5c9e0e-6d5e-4b6b-9a51-3f1f6a7c0003"],
    [ofTurin, FINGERPRINTS.turin],
    [ofParis, FINGERPRINTS.paris],
    [broker.fingerprint, FINGERPRINTS.broker],
    [stranger.fingerprint, FINGERPRINTS.stranger],
    [federation.broker.url, "http://localhost:8000"],
    [turin.contractEndpoint, "http://localhost:6003/graphql"],
    [paris.contractEndpoint, "http://localhost:6203/graphql"],
  ]);
  return { world: { broker: federation.broker, turin, paris, stranger, line, buyer, seen }, names, stop: running.stop };
}

/** Turin's replica shows the cluster that enrolled by itself, so that it may buy there. */
export async function strangerKnown({ turin, stranger }: World): Promise<void> {
  await waitFor(
    async () => {
      const { knownClusters } = await turin.api.request<{ knownClusters: { fingerprint: string }[] }>(
        "{ knownClusters { fingerprint } }",
      );
      return knownClusters.some(({ fingerprint }) => fingerprint === stranger.fingerprint);
    },
    { what: "Turin knows the stranger", timeoutMs: 60_000 },
  );
}
