import { ACTIVATE, CONFIRM, DESCRIPTOR, NEGOTIATIONS, RESERVE, TERMINATE } from "@catalog/schema/operations";
import { graphql, parse, printSchema, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { negotiationOf } from "../../domain/contract-change.js";
import { reserveInputOf } from "../../domain/reserve-input.js";
import { sampleContract } from "../../testing/sample-contract.js";
import { buildPeerSchema } from "./build-peer-schema.js";
import { NegotiationResolver } from "./negotiation.resolver.js";

const viewer = { fingerprint: "paris", signingKey: { kty: "OKP", crv: "Ed25519", x: "k" } };
const view = negotiationOf(sampleContract({ state: "RESERVED", reservedUntil: 5 }), "1700000000000-abcd");
const heard: unknown[] = [];

function service(): never {
  const answer = async (...call: unknown[]): Promise<unknown> => {
    heard.push(call);
    return view;
  };
  const list = async (...call: unknown[]): Promise<unknown> => [await answer(...call)];
  return {
    descriptor: async () => "jws",
    reserve: answer,
    confirm: answer,
    activate: answer,
    terminatedByPeer: answer,
    negotiations: list,
  } as never;
}

const schema = await buildPeerSchema(new NegotiationResolver(service(), service(), service(), service()));
const run = (source: string, variableValues: object, who: unknown = viewer) =>
  graphql({ schema, source, variableValues: variableValues as Record<string, unknown>, contextValue: { viewer: who } });

describe("the schema of the contract endpoint", () => {
  it.each(Object.entries({ ACTIVATE, CONFIRM, DESCRIPTOR, NEGOTIATIONS, RESERVE, TERMINATE }))(
    "serves %s as machines send it",
    (_, operation) => {
      expect(validate(schema, parse(operation))).toEqual([]);
    },
  );

  it("describes every field, argument and value", () => {
    const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
    expect(
      types.filter((type) => !type.description && !["Query", "Mutation"].includes(type.name)).map((type) => type.name),
    ).toEqual([]);
    const undescribed = printSchema(schema)
      .split("\n")
      .filter((line, i, lines) => /^ {2}\w+[(:]/.test(line) && !/"""/.test(lines[i - 1] ?? ""));
    expect(undescribed).toEqual([]);
  });

  it("hands the caller of the proof and the input to the services, and gives back the whole view", async () => {
    const input = reserveInputOf(sampleContract().request);
    const { data, errors } = await run(RESERVE, { input });
    expect(errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(data))).toEqual({ reserve: JSON.parse(JSON.stringify(view)) });
    expect(JSON.parse(JSON.stringify(heard.at(-1)))).toEqual([viewer, input]);
    const call = { contractID: "c", termsHash: "h", protected: "p", signature: "s" };
    await run(CONFIRM, call);
    expect(heard.at(-1)).toEqual([viewer, call]);
    await run(ACTIVATE, { contractID: "c", termsHash: "h", receipt: "r" });
    expect(heard.at(-1)).toEqual([viewer, { contractID: "c", termsHash: "h", receipt: "r" }]);
    await run(TERMINATE, { contractID: "c", notice: "n" });
    expect(heard.at(-1)).toEqual([viewer, { contractID: "c", notice: "n" }]);
    await run(NEGOTIATIONS, { since: 5 });
    expect(heard.at(-1)).toEqual([viewer, 5, 100]);
  });

  it("lets anybody read the descriptor, and nobody without a proof do anything else", async () => {
    expect((await run(DESCRIPTOR, {}, null)).data).toMatchObject({ descriptor: "jws" });
    const calls: [string, object][] = [
      [RESERVE, { input: reserveInputOf(sampleContract().request) }],
      [CONFIRM, { contractID: "c", termsHash: "h", protected: "p", signature: "s" }],
      [ACTIVATE, { contractID: "c", termsHash: "h", receipt: "r" }],
      [TERMINATE, { contractID: "c", notice: "n" }],
      [NEGOTIATIONS, {}],
    ];
    for (const [operation, variables] of calls) {
      const { errors } = await run(operation, variables, null);
      expect(errors?.[0]?.originalError).toMatchObject({ code: "PROOF_MISSING" });
    }
  });
});
