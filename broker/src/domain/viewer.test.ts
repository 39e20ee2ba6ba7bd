import { describe, expect, it } from "vitest";

import { requirePermission, type Permission, type Transport, type Viewer } from "./viewer.js";

const VIEWERS: Readonly<Record<string, Viewer>> = {
  anonymous: { kind: "ANONYMOUS" },
  stranger: { kind: "APPLICANT", fingerprint: "f", status: null },
  left: { kind: "APPLICANT", fingerprint: "f", status: "LEFT" },
  pending: { kind: "APPLICANT", fingerprint: "f", status: "PENDING" },
  revoked: { kind: "APPLICANT", fingerprint: "f", status: "REVOKED" },
  member: { kind: "MEMBER", fingerprint: "f", clusterID: "c", status: "ADMITTED" },
  reader: { kind: "READER", tokenID: "t", name: null, expiresAt: null },
  operator: { kind: "OPERATOR" },
};

/** What each viewer gets for READ, MEMBER, ENROL and OPERATE over HTTP; "" = allowed. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  anonymous: ["UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED"],
  stranger: ["NOT_A_MEMBER", "NOT_A_MEMBER", "", "FORBIDDEN"],
  left: ["NOT_A_MEMBER", "NOT_A_MEMBER", "", "FORBIDDEN"],
  pending: ["MEMBER_PENDING", "MEMBER_PENDING", "", "FORBIDDEN"],
  revoked: ["MEMBER_REVOKED", "MEMBER_REVOKED", "", "FORBIDDEN"],
  member: ["", "", "", "FORBIDDEN"],
  reader: ["", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
  operator: ["", "FORBIDDEN", "FORBIDDEN", ""],
};
const PERMISSIONS: readonly Permission[] = ["READ", "MEMBER", "ENROL", "OPERATE"];

function outcome(viewer: Viewer, permission: Permission, transport: Transport, isCatalogPublic: boolean): string {
  try {
    requirePermission(viewer, permission, { transport, isCatalogPublic });
    return "";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe.each(Object.entries(VIEWERS))("%s", (name, viewer) => {
  it("gets over HTTP what the table says", () => {
    expect(PERMISSIONS.map((permission) => outcome(viewer, permission, "http", false))).toEqual(EXPECTED[name]);
  });

  it("reads everything that is public, and gets nothing else by that", () => {
    const expected = ["", ...(EXPECTED[name] ?? []).slice(1)];
    expect(PERMISSIONS.map((permission) => outcome(viewer, permission, "http", true))).toEqual(expected);
  });

  it("changes nothing as a cluster over a WebSocket", () => {
    for (const permission of ["MEMBER", "ENROL"] as const) expect(outcome(viewer, permission, "ws", true)).not.toBe("");
  });
});
