import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { clusterDescriptor, OFFER, offerDocument } from "../testing/samples.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { signDescriptor, verifyDescriptor } from "./descriptor.js";
import { TYP } from "./jws.js";
import { signOffer, verifyOffer } from "./offer-document.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

describe("an offer document", () => {
  it("may be as large as its limit and no larger", async () => {
    const { turin } = parties;
    const descriptor = await verifyDescriptor(await signDescriptor(turin.signer, clusterDescriptor(turin, "Turin")));
    const plans = Array.from({ length: 50 }, (_, i) => ({
      ...OFFER.plans[0],
      planID: `plan-${i}`,
      planName: "n".repeat(100),
    }));
    const stock = Object.fromEntries(plans.map(({ planID }) => [planID, 1]));
    const document = { ...offerDocument(turin), offer: { ...OFFER, plans, description: "d".repeat(4000) }, stock };
    const jws = await turin.signer.sign(TYP.offer, document);
    expect(jws.length).toBeGreaterThan(20_000);
    expect((await verifyOffer(jws, descriptor)).offer.plans).toHaveLength(50);
    const more = { more: "x".repeat(32_768) };
    const large = await signOffer(turin.signer, { ...offerDocument(turin), ...more });
    expect(await outcomeOf(() => verifyOffer(large, descriptor))).toBe("DOCUMENT_TOO_LARGE");
  });
});
