import { describe, expect, it } from "vitest";

import {
  approved,
  departed,
  enrolled,
  enrolmentStatus,
  ENROLMENT_MODES,
  MEMBER_STATUSES,
  revoked,
  type Member,
} from "./member.js";

const CLAIM = { fingerprint: "f", clusterID: "c", clusterName: "n", clusterPrettyName: "p", descriptor: "jws", seq: 5 };
const member = (status: Member["status"]): Member => ({
  ...CLAIM,
  status,
  requestedAt: 1,
  admittedAt: status === "PENDING" ? null : 2,
  endedAt: null,
});
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("where an enrolling cluster stands afterwards", () => {
  /** Rows: TOKEN, APPROVAL, OPEN without a join string, then with one. */
  const EXPECTED = {
    unknown: ["JOIN_TOKEN_INVALID", "PENDING", "ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED"],
    PENDING: ["JOIN_TOKEN_INVALID", "PENDING", "ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED"],
    ADMITTED: ["ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED"],
    LEFT: ["JOIN_TOKEN_INVALID", "PENDING", "ADMITTED", "ADMITTED", "ADMITTED", "ADMITTED"],
    REVOKED: Array.from({ length: 6 }, () => "MEMBER_REVOKED"),
  } as const;

  it.each(["unknown", ...MEMBER_STATUSES] as const)("from %s", (status) => {
    const before = status === "unknown" ? undefined : member(status);
    const outcomes = [false, true].flatMap((hasToken) =>
      ENROLMENT_MODES.map((mode) => codeOf(() => enrolmentStatus(before, mode, hasToken))),
    );
    expect(outcomes).toEqual(EXPECTED[status]);
  });
});

describe("what the operator and the member decide", () => {
  it.each(MEMBER_STATUSES)("for %s", (status) => {
    const before = member(status);
    const after = { PENDING: "ADMITTED", ADMITTED: "ADMITTED", LEFT: "FORBIDDEN", REVOKED: "ADMITTED" }[status];
    const approval = codeOf(() => approved(before, 9));
    expect(typeof approval === "string" ? approval : (approval as Member).status).toBe(after);
    expect(revoked(before, 9).status).toBe("REVOKED");
    expect(departed(before, 9).status).toBe(status === "ADMITTED" ? "LEFT" : status);
  });

  it("changes nothing the second time", () => {
    const [admitted, out, gone] = [
      approved(member("PENDING"), 9),
      revoked(member("ADMITTED"), 9),
      departed(member("ADMITTED"), 9),
    ];
    expect([approved(admitted, 10), revoked(out, 10), departed(gone, 10)]).toEqual([admitted, out, gone]);
    expect(approved(admitted, 10)).toBe(admitted);
  });
});

describe("the dates of a membership", () => {
  it("are those of the first request and of the admission that goes on", () => {
    expect(enrolled(undefined, CLAIM, "PENDING", 10)).toMatchObject({ requestedAt: 10, admittedAt: null });
    expect(enrolled(member("PENDING"), CLAIM, "PENDING", 10)).toMatchObject({ requestedAt: 1, admittedAt: null });
    expect(enrolled(member("PENDING"), CLAIM, "ADMITTED", 10)).toMatchObject({ requestedAt: 1, admittedAt: 10 });
    expect(enrolled(member("ADMITTED"), CLAIM, "ADMITTED", 10)).toMatchObject({ requestedAt: 1, admittedAt: 2 });
    expect(enrolled({ ...member("LEFT"), endedAt: 3 }, CLAIM, "ADMITTED", 10)).toMatchObject({
      admittedAt: 10,
      endedAt: null,
    });
  });
});
