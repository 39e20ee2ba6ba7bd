import "reflect-metadata";
import { describe, expect, it } from "vitest";
import { buildAdminSchema } from "./admin-schema.js";
import { mutationsOf, OPERATION_PERMISSIONS } from "./permissions.js";

describe("the permissions of the admin API", () => {
  it("name every operation, and none that is not there", async () => {
    const schema = await buildAdminSchema();
    const operations = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    expect(operations.filter((operation) => OPERATION_PERMISSIONS[operation] === undefined)).toEqual([]);
    expect(Object.keys(OPERATION_PERMISSIONS).filter((operation) => !operations.includes(operation))).toEqual([]);
  });

  it("tell each role what it may call: a viewer nothing, an admin everything, the others their side", () => {
    const all = Object.keys(OPERATION_PERMISSIONS).filter((operation) => operation.startsWith("Mutation."));
    expect(mutationsOf("VIEWER")).toEqual([]);
    expect(mutationsOf("ADMIN")).toHaveLength(all.length);
    expect(mutationsOf("CUSTOMER")).toEqual(expect.arrayContaining(["buy", "terminateContract"]));
    expect(mutationsOf("CUSTOMER")).not.toContain("saveOffer");
    expect(mutationsOf("PROVIDER")).toEqual(
      expect.arrayContaining(["saveOffer", "approveContract", "terminateContract"]),
    );
    expect(mutationsOf("PROVIDER")).not.toContain("buy");
  });
});
