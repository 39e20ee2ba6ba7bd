import { describe, expect, it } from "vitest";

import { asksToEnrol } from "./enrolment-request.js";

const asks = (body: string): boolean => asksToEnrol(new TextEncoder().encode(body));
const request = (query: unknown): string => JSON.stringify({ query });

describe("a request of a stranger", () => {
  it("asks to enrol if its document has that mutation", () => {
    expect(asks(request('mutation Enrol($d: String!) { enrol(descriptor: $d, proof: "") { status } }'))).toBe(true);
    expect(asks(request('mutation { alias: enrol(descriptor: "", proof: "") { status } }'))).toBe(true);
  });

  it.each([
    request("{ enrol }"),
    request("mutation { leave } # enrol"),
    request('mutation { challenge(fingerprint: "enrol") }'),
    request("subscription { enrol }"),
    request("mutation {"),
    request(5),
    "[]",
    "null",
    "not JSON",
    "",
    request(`mutation { ${"leave ".repeat(2000)} enrol }`),
  ])("asks for nothing otherwise: %s", (body) => {
    expect(asks(body)).toBe(false);
  });
});
