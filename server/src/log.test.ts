import { describe, expect, it } from "vitest";
import { createLog, newRequestId, requestLog, type Logger } from "./log.js";

const JWE = `eyJhbGciOiJFQ0RILUVTIn0..${"a".repeat(16)}.${"b".repeat(40)}.${"c".repeat(22)}`;
const JWS = `eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.${"d".repeat(86)}`;

function recorded(speak: (log: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  speak(createLog({ level: "info", name: "test", destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("createLog", () => {
  it("writes one JSON object a line, with level and time in words", () => {
    const [line] = recorded((log) => log.info({ port: 1 }, "ready"));
    expect(line).toMatchObject({ level: "info", name: "test", port: 1, msg: "ready" });
    expect(Date.parse(String(line?.["time"]))).not.toBeNaN();
  });

  it("replaces members named like a secret at any depth, in bindings of children too", () => {
    const secrets = {
      headers: { Authorization: "Bearer x", cookie: ["a"], accept: "*/*" },
      list: [{ adminToken: "t", nested: { clientSecret: { value: 1 }, jwe: "j", PASSWORD: "p", privateJwk: {} } }],
    };
    const [first, second] = recorded((log) => {
      log.info(secrets, "request");
      log.child({ token: "t", part: "peer" }).info("child");
    });
    expect(first).toMatchObject({
      headers: { Authorization: "[redacted]", cookie: "[redacted]", accept: "*/*" },
      list: [{ adminToken: "[redacted]", nested: { clientSecret: "[redacted]", jwe: "[redacted]" } }],
    });
    expect(JSON.stringify(first)).not.toMatch(/"(x|t|j|p)"/);
    expect(second).toMatchObject({ token: "[redacted]", part: "peer" });
  });

  it("replaces what looks like a secret inside texts and errors", () => {
    const lines = recorded((log) => {
      log.info(
        `connect postgresql://catalog:geheim@127.0.0.1:1/x and catalog-join:https://b.example#abc.def.geheim;kid=1`,
      );
      log.info({ answer: `material ${JWE} of ${JWS}` }, "Authorization: Bearer geheim-geheim");
      log.error({ err: new Error("outer", { cause: new Error("postgres://u:geheim@h/db") }) }, "failed");
    });
    expect(JSON.stringify(lines)).not.toContain("geheim");
    expect(lines[1]?.["answer"]).toBe(`material [redacted JWE] of ${JWS}`);
    expect(lines[2]?.["err"]).toMatchObject({ type: "Error", message: "outer", cause: { type: "Error" } });
  });

  it("survives what JSON cannot say", () => {
    const loop: Record<string, unknown> = { amount: 10n, bytes: new Uint8Array(4), at: new Date(0) };
    loop["self"] = loop;
    const [line] = recorded((log) => log.info({ loop }, "odd"));
    expect(line?.["loop"]).toMatchObject({ amount: "10", bytes: "[4 bytes]", at: "1970-01-01T00:00:00.000Z" });
  });

  it("ties the lines of a request together", () => {
    const id = newRequestId();
    const [line] = recorded((log) => requestLog(log, id).info("one"));
    expect(line?.["requestId"]).toBe(id);
    expect(newRequestId()).not.toBe(id);
  });
});
