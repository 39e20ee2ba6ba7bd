import { liqoName } from "../../lib/format/liqo.ts";
import { signDescriptor } from "@catalog/schema/documents/descriptor";
import { signOffer } from "@catalog/schema/documents/offer-document";
import { testParties, type TestParty } from "@catalog/schema/testing/identities";
import { clusterDescriptor, OFFER, offerDocument } from "@catalog/schema/testing/samples";
import { beforeAll, describe, expect, it } from "vitest";
import type { OfferWhole } from "./documents.ts";
import { warningsOf } from "./offer-warnings.ts";
import { verifyShown } from "./verify-offer.ts";

describe("an offer that is verified in the page", () => {
  let turin: TestParty;
  let mallory: TestParty;
  let documents: { descriptor: string; offer: string };
  let shown: OfferWhole;

  beforeAll(async () => {
    const parties = await testParties();
    [turin, mallory] = [parties.turin, parties.mallory];
    const document = offerDocument(turin);
    documents = {
      descriptor: await signDescriptor(turin.signer, clusterDescriptor(turin, "Turin")),
      offer: await signOffer(turin.signer, document),
    };
    const { minDuration = null, noticePeriod = null, ...offer } = JSON.parse(JSON.stringify(OFFER));
    shown = {
      ...offer,
      minDuration,
      noticePeriod,
      fingerprint: turin.keys.fingerprint,
      termsRev: document.termsRev,
      plans: offer.plans.map((plan: object) => ({ ...plan, available: 0 })),
    };
  });

  it("is what its provider has signed, whatever is left of it now", async () => {
    expect(await verifyShown(shown, documents)).toMatchObject({
      isGood: true,
      problem: "",
      rev: offerDocument(turin).rev,
    });
  });

  it.each([
    [
      "a price",
      () => ({ ...shown, plans: shown.plans.map((plan) => ({ ...plan, planCost: plan.planCost + 1 })) }),
      "A plan",
    ],
    [
      "a resource",
      () => ({ ...shown, plans: shown.plans.map((plan) => ({ ...plan, resources: { cpu: "99" } })) }),
      "A plan",
    ],
    ["the description", () => ({ ...shown, description: "Free of charge." }), "The description"],
    ["a label", () => ({ ...shown, labels: { ...shown.labels, certified: "yes" } }), "A label"],
    ["the notice period", () => ({ ...shown, noticePeriod: 12_345 }), "The notice period"],
    ["the terms' number", () => ({ ...shown, termsRev: shown.termsRev - 1 }), "The number of the terms"],
  ])("is told from one in which somebody has changed %s", async (_what, changed, difference) => {
    const verdict = await verifyShown(changed(), documents);
    expect(verdict).toMatchObject({ isGood: false, problem: `${difference} is not as it was signed.` });
  });

  it("is not taken from another identity, damaged, or signed by somebody else", async () => {
    const others = await signDescriptor(mallory.signer, clusterDescriptor(mallory, "Turin"));
    const forged = await mallory.signer.sign("catalog-offer+jwt", offerDocument(turin));
    for (const wrong of [
      { ...documents, descriptor: others },
      { ...documents, offer: forged },
      { ...documents, offer: documents.offer.slice(0, -4) },
      { descriptor: "", offer: "" },
    ]) {
      const verdict = await verifyShown(shown, wrong);
      expect([verdict.isGood, verdict.problem === ""]).toEqual([false, false]);
    }
  });
});

describe("what speaks against buying", () => {
  const offer = {
    status: true,
    staleSince: null,
    peerable: { ok: true, reason: null as string | null },
    clusterPrettyName: "Turin",
    plans: [{ available: 0 }, { available: 2 }],
  };
  const self = (ready: boolean) => ({
    connector: {
      ready,
      prettyName: "Paris",
      fingerprint: "P",
      contractEndpoint: "",
      clusterParameters: null,
      liqo: { mode: "v1", version: "1.2.0" },
    },
  });
  const titles = (changes: object, ready = true) =>
    warningsOf({ ...offer, ...changes }, undefined, self(ready)).map(
      ({ title, isBar }) => `${isBar ? "! " : ""}${title}`,
    );

  it("is nothing where all is well", () => {
    expect(titles({})).toEqual([]);
  });

  it.each([
    [{ peerable: { ok: false, reason: "Other Liqo." } }, "! These two clusters cannot peer"],
    [{ peerable: { ok: true, reason: "Check it." } }, "Make sure before you buy"],
    [{ status: false }, "! Paused"],
    [{ plans: [{ available: 0 }] }, "! Sold out"],
    [{ staleSince: 5 }, "The provider is away"],
  ])("is said of %j", (changes, title) => {
    expect(titles(changes)).toEqual([title]);
  });

  it("is that this cluster cannot be reached", () => {
    expect(titles({}, false)).toEqual(["! This cluster has no name and contract endpoint yet"]);
  });

  it("names generations of Liqo as people do", () => {
    expect(liqoName({ mode: "v0.8", version: "v0.8.3" })).toBe("Liqo 0.7–0.8 (v0.8.3)");
    expect(liqoName({ mode: "v1", version: null })).toBe("Liqo 1.x");
    expect(liqoName({ mode: "manual", version: null })).toBe("Liqo by hand");
    expect(liqoName(undefined)).toBe("a Liqo that is not known");
  });
});
