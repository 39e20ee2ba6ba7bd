import { CatalogError } from "@catalog/schema/errors";
import { describe, expect, it } from "vitest";

import type { Member } from "../domain/member.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import type { MemberStorage } from "./ports.js";
import { ProbeService, type Probe } from "./probe.service.js";

const NO = { reachable: false, message: expect.stringContaining("firewall") };

function storageOf({ descriptor }: ClusterFixture): MemberStorage {
  const members = { find: () => Promise.resolve({ descriptor } as Member), claimProbe: () => Promise.resolve(true) };
  return { read: { members } } as unknown as MemberStorage;
}

/** A probe under way: whether it has answered, and a way to let its time pass. */
function begin(cluster: ClusterFixture, fetch: () => Promise<string>) {
  let pass: () => void = () => undefined;
  const time = new Promise<void>((resolve) => (pass = resolve));
  const service = new ProbeService(
    storageOf(cluster),
    { fetchDescriptor: fetch },
    { intervalSeconds: 60, wait: () => time },
    () => new Date(),
  );
  let answered: Probe | undefined;
  const answer = service.probe(cluster.fingerprint).then((probe) => (answered = probe));
  return { answer, pass, answered: () => answered };
}

/** Everything has happened that needs neither time nor cryptography of a valid document. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
};

describe("a probe", () => {
  it.each<[string, () => Promise<string>]>([
    ["what is no descriptor", () => Promise.resolve("nonsense")],
    ["an address that may not be called", () => Promise.reject(new CatalogError("ENDPOINT_REFUSED", "10.0.0.1"))],
  ])("answers no for %s, but only when its time is over", async (_, fetch) => {
    const probe = begin(await createCluster(), fetch);
    await settled();
    expect(probe.answered()).toBeUndefined();
    probe.pass();
    expect(await probe.answer).toEqual(NO);
  });

  it("answers no when its time is over and nothing has come", async () => {
    const probe = begin(await createCluster(), () => new Promise(() => undefined));
    probe.pass();
    expect(await probe.answer).toEqual(NO);
  });
});
