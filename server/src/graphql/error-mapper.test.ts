import { pino } from "pino";
import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { CatalogError, ERROR_CODES, type ErrorCode } from "@catalog/schema/errors";
import { httpStatusOf, toPublicError } from "./error-mapper.js";

function mapped(error: unknown): { shown: ReturnType<typeof toPublicError>; logged: string } {
  let logged = "";
  const log = pino({ level: "warn" }, { write: (line: string) => void (logged += line) });
  return { shown: toPublicError(error, "r1", log), logged };
}

describe("every code of the table", () => {
  test.each(Object.keys(ERROR_CODES) as ErrorCode[])("%s keeps its meaning through graphql's wrappings", (code) => {
    const cause = new CatalogError(code, "what happened", { id: "o1" });
    const wrapped = new GraphQLError("what happened", {
      path: ["a"],
      originalError: new GraphQLError("x", { originalError: cause }),
    });
    for (const error of [cause, wrapped]) {
      expect(mapped(error).shown).toMatchObject({
        message: "what happened",
        extensions: { code, definitive: ERROR_CODES[code].definitive, requestId: "r1", details: { id: "o1" } },
      });
    }
    expect(httpStatusOf(code)).toBe(ERROR_CODES[code].httpStatus);
  });
});

describe("what nobody foresaw", () => {
  test.each([
    new Error("secret"),
    new GraphQLError("secret", { path: ["a"], originalError: new TypeError("secret") }),
    "secret",
    undefined,
    { secret: 1 },
  ])("is masked, and logged with the request id", (error) => {
    const { shown, logged } = mapped(error);
    expect(shown.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", definitive: false, requestId: "r1" });
    expect(JSON.stringify(shown)).not.toContain("secret");
    expect(JSON.parse(logged)).toMatchObject({ requestId: "r1", level: 50 });
  });

  test.each(["ECONNREFUSED", "57P01", "08006", "53300"])("%s of the database is UNAVAILABLE", (code) => {
    const { shown } = mapped(
      new GraphQLError("x", { path: ["a"], originalError: Object.assign(new Error("host=secret"), { code }) }),
    );
    expect(shown.extensions).toMatchObject({ code: "UNAVAILABLE", definitive: false });
    expect(JSON.stringify(shown)).not.toContain("secret");
  });

  test("a text that PostgreSQL cannot hold is a mistake of the request", () => {
    const cause = Object.assign(new Error("invalid byte sequence"), { code: "22021" });
    const { shown, logged } = mapped(new GraphQLError("x", { path: ["a"], originalError: cause }));
    expect([shown.extensions.code, shown.message.includes("U+0000"), logged]).toEqual(["BAD_USER_INPUT", true, ""]);
  });

  test("a unique violation is not", () => {
    expect(mapped(Object.assign(new Error("x"), { code: "23505" })).shown.extensions.code).toBe(
      "INTERNAL_SERVER_ERROR",
    );
  });

  test("a field that gives nothing where something must be is our fault, a missing argument the caller's", () => {
    const fault = new GraphQLError("Cannot return null for non-nullable field", {
      path: ["a"],
      originalError: new Error("x"),
    });
    expect(mapped(fault).shown.extensions.code).toBe("INTERNAL_SERVER_ERROR");
    const argument = new GraphQLError('Argument "id" of required type', {
      path: ["a"],
      originalError: new GraphQLError('Argument "id" of required type'),
    });
    expect(mapped(argument).shown.extensions.code).toBe("BAD_USER_INPUT");
  });
});
