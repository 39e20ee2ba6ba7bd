import { describe, expect, it } from "vitest";
import { origin, OwnOrigins } from "./own-origins.js";
import { cookieNameOf, cookieOf, setCookie } from "./session-cookie.js";
import { SignInLimit } from "./sign-in-limit.js";

describe("own origins", () => {
  it("are where the server was reached, with its scheme and port", () => {
    const plain = new OwnOrigins(false, []);
    const tls = new OwnOrigins(true, []);
    const host = "localhost:6002";
    expect(plain.includes({ host, origin: "http://localhost:6002" })).toBe(true);
    expect(plain.includes({ host, origin: "HTTP://LOCALHOST:6002" })).toBe(true);
    expect(tls.includes({ host, origin: "https://localhost:6002" })).toBe(true);
    for (const other of ["https://localhost:6002", "http://localhost:6003", "http://localhost", "null", ""])
      expect(plain.includes({ host, origin: other }), other).toBe(false);
    expect(tls.includes({ host, origin: "http://localhost:6002" })).toBe(false);
    expect(plain.includes({ host })).toBe(false);
    expect(plain.includes({ origin: "http://undefined" })).toBe(false);
  });

  it("are also those under which a proxy serves it", () => {
    const behind = new OwnOrigins(false, ["https://catalog.example.org"]);
    expect(behind.includes({ host: "catalog.example.org", origin: "https://catalog.example.org" })).toBe(true);
    expect(behind.includes({ host: "catalog.example.org", origin: "https://catalog.example.org:8443" })).toBe(false);
  });

  it("are read strictly from the configuration", () => {
    expect(origin("https://Catalog.example.org/")).toBe("https://catalog.example.org");
    for (const text of [
      "*",
      "catalog.example.org",
      "https://a.example/path",
      "https://u@a.example",
      "file:///x",
      "null",
    ])
      expect(() => origin(text), text).toThrow();
  });
});

describe("the cookie", () => {
  it("is named by the party, and read only where there is one", () => {
    const name = cookieNameOf("abcdefghijklmnop");
    expect(name).toBe("__Host-catalog-abcdefghijkl");
    expect(cookieOf(`a=b; ${name}=x; c=d`, name)).toBe("x");
    expect(cookieOf(`${name}=x; ${name}=y`, name)).toBeUndefined();
    expect(cookieOf(`x${name}=x`, name)).toBeUndefined();
    expect(cookieOf(undefined, name)).toBeUndefined();
    expect(setCookie(name, "", 0)).toBe(`${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict`);
  });
});

describe("the limit of attempts", () => {
  const bounds = { address: { burst: 2, perSecond: 1 }, all: { burst: 3, perSecond: 1 } };
  const limited = expect.objectContaining({ code: "RATE_LIMITED" }) as Error;
  const fail = () => Promise.resolve(undefined);

  it("counts failures per address and in all, and lets them be forgotten", async () => {
    let now = 0;
    const limit = new SignInLimit(bounds, () => now);
    await limit.attempt("a", fail);
    await limit.attempt("a", fail);
    await expect(limit.attempt("a", fail)).rejects.toEqual(limited);
    await limit.attempt("b", fail);
    await expect(limit.attempt("c", fail)).rejects.toEqual(limited);
    now = 1_000;
    expect(await limit.attempt("a", () => Promise.resolve("in"))).toBe("in");
  });

  it("counts neither success nor what failed for another reason", async () => {
    const limit = new SignInLimit(bounds, () => 0);
    for (let n = 0; n < 9; n += 1) expect(await limit.attempt("a", () => Promise.resolve(n))).toBe(n);
    for (let n = 0; n < 9; n += 1)
      await expect(limit.attempt("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await limit.attempt("a", fail)).toBeUndefined();
  });

  it("holds where attempts run at once", async () => {
    const limit = new SignInLimit(bounds, () => 0);
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => limit.attempt("a", fail)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });
});
