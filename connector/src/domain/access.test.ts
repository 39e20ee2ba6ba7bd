import { describe, expect, it } from "vitest";
import {
  PERMISSIONS,
  ROLES,
  isGranted,
  permissionsOf,
  requirePermission,
  requireSide,
  type AdminViewer,
} from "./access.js";

const viewer = (role: AdminViewer["role"], expiresAt: number | null = null): AdminViewer => ({
  actor: "x",
  role,
  isSession: false,
  expiresAt,
});

describe("roles", () => {
  it("allow what they name, and refuse the rest with who could", () => {
    const table = Object.fromEntries(
      ROLES.map((role) => [role, PERMISSIONS.filter((one) => isGranted(role, one)).join(" ")]),
    );
    expect(table).toEqual({
      VIEWER: "VIEW",
      CUSTOMER: "VIEW BUY TRADE",
      PROVIDER: "VIEW SELL TRADE",
      ADMIN: "VIEW BUY SELL TRADE ADMINISTER",
    });
    for (const role of ROLES) {
      for (const permission of PERMISSIONS) {
        const ask = (): void => requirePermission(viewer(role), permission, 10);
        if (permissionsOf(role).includes(permission)) expect(ask).not.toThrow();
        else expect(ask).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
      }
    }
  });

  it("end with the time of their session", () => {
    expect(() => requirePermission(viewer("ADMIN", 11), "VIEW", 10)).not.toThrow();
    expect(() => requirePermission(viewer("ADMIN", 10), "VIEW", 10)).toThrow(
      expect.objectContaining({ code: "UNAUTHENTICATED" }),
    );
  });

  it("keep a customer from contracts sold, and a provider from contracts bought", () => {
    expect(() => requireSide("CUSTOMER", "BUYER")).not.toThrow();
    expect(() => requireSide("CUSTOMER", "SELLER")).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => requireSide("PROVIDER", "BUYER")).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => requireSide("ADMIN", "SELLER")).not.toThrow();
  });
});
