import { readFile } from "node:fs/promises";

import { sdlOf } from "@catalog/server/graphql/emit-schema";
import {
  ANNOUNCE,
  BROKER_DESCRIPTOR,
  CHALLENGE,
  ENROL,
  LEAVE,
  PROBE,
  PUBLISH_OFFERS,
  WITHDRAW_OFFERS,
} from "@catalog/schema/operations";
import { CATALOG_SUBSCRIPTION } from "@catalog/schema/feed";
import { isInputObjectType, isObjectType, parse, validate, type GraphQLSchema } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";

import { buildBrokerSchema } from "./build-schema.js";

describe("the Broker's schema", () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    schema = await buildBrokerSchema(new Map());
  });

  it("is the one that is committed", async () => {
    expect(sdlOf(schema)).toBe(await readFile(new URL("../../../schema/broker.graphql", import.meta.url), "utf8"));
  });

  it("describes every type, field and argument", () => {
    const own = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
    const undescribed = own.flatMap((type): string[] => {
      const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
        type as never,
      );
      const missing = isRoot || type.description ? [] : [type.name];
      if (isInputObjectType(type))
        return [
          ...missing,
          ...Object.values(type.getFields())
            .filter(isBare)
            .map(({ name }) => `${type.name}.${name}`),
        ];
      if (!isObjectType(type)) return missing;
      const fields = Object.values(type.getFields()).flatMap((field) => [
        ...(isBare(field) ? [`${type.name}.${field.name}`] : []),
        ...field.args.filter(isBare).map(({ name }) => `${type.name}.${field.name}(${name})`),
      ]);
      return [...missing, ...fields];
    });
    expect(undescribed).toEqual([]);
  });

  it.each(
    Object.entries({
      ANNOUNCE,
      BROKER_DESCRIPTOR,
      CHALLENGE,
      ENROL,
      LEAVE,
      PROBE,
      PUBLISH_OFFERS,
      WITHDRAW_OFFERS,
      CATALOG_SUBSCRIPTION,
    }),
  )("understands what machines send: %s", (_, text) => {
    expect(validate(schema, parse(text))).toEqual([]);
  });
});

function isBare({ description }: { readonly description?: string | null | undefined }): boolean {
  return !description;
}
