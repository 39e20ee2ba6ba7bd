import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "@catalog/schema/errors";
import * as operations from "@catalog/schema/operations";
import { releasedNames, releasedText, releases } from "@catalog/server/testing/releases";

const SCHEMAS = ["broker", "connector", "peer"] as const;
const today = (name: string): string =>
  readFileSync(new URL(`../../../schema/${name}.graphql`, import.meta.url), "utf8");

/** What Connectors ask of Brokers and of each other, by name. */
const ASKED = Object.entries<unknown>(operations).filter(
  (entry): entry is [string, string] => typeof entry[1] === "string",
);
const OF_PEERS = ["DESCRIPTOR", "RESERVE", "CONFIRM", "ACTIVATE", "TERMINATE", "EXCHANGE_PEERING", "NEGOTIATIONS"];

describe.each(releases())("beside release %s", (version) => {
  it.each(SCHEMAS)("nothing that a client of the %s schema may ask has gone", (name) => {
    const changes = findBreakingChanges(
      buildSchema(releasedText(version, `${name}.graphql`)),
      buildSchema(today(name)),
    );
    expect(changes.map(({ description }) => description)).toEqual([]);
  });

  it.each(ASKED)("a Broker or Connector of that release can answer %s", (name, document) => {
    const schema = buildSchema(releasedText(version, OF_PEERS.includes(name) ? "peer.graphql" : "broker.graphql"));
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });

  it("no error code has gone or has become final, or the other way round", () => {
    const { errors } = releasedNames(version);
    const now = Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { definitive }]) => [code, definitive]));
    expect(now).toMatchObject(errors);
  });
});
