import "reflect-metadata";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../domain/access.js";
import { ConsolePage } from "@catalog/server/testing/console-page";
import { TestConnector } from "../testing/test-connector.js";

const CREATE = `mutation ($name: String!, $role: Role!, $expiresAt: Timestamp) {
  createScriptToken(name: $name, role: $role, expiresAt: $expiresAt) { tokenID token name role createdBy expiresAt lastUsedAt revokedAt } }`;
const REVOKE = "mutation ($id: ID!) { revokeScriptToken(tokenID: $id) { revokedAt } }";
const SAVE = `mutation { saveOffer(offer: { offerID: "s", offerName: "S", plans: [{ planCost: 1, planCostCurrency: "EUR", planCostPeriod: hour, planQuantity: 1, resources: { cpu: "1" } }] }) { offerID } }`;
const TERMINATE = 'mutation { terminateContract(id: "00000000-0000-7000-8000-000000000000") { state } }';
const BUY = 'mutation { buy(input: { clusterID: "x", offerID: "x", planID: "x" }) { state } }';

interface Made {
  readonly tokenID: string;
  readonly token: string;
}

let connector: TestConnector;

const create = async (name: string, role: Role, expiresAt: number | null = null): Promise<Made> =>
  (await connector.get<{ createScriptToken: Made }>(CREATE, { name, role, expiresAt })).createScriptToken;
const codeFor = async (token: string, query: string) => (await connector.ask(query, {}, token)).code;

beforeAll(async () => {
  connector = await TestConnector.start({
    UI_DIR: "off",
    LIQO_AUTH_ENDPOINT: "https://203.0.113.7",
    LIQO_AUTH_TOKEN: "liqo-secret",
  });
  await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
  await connector.get('mutation ($e: String!) { initCatalog(prettyName: "Paris", contractEndpoint: $e) { ready } }', {
    e: connector.contractEndpoint,
  });
});
afterAll(() => connector.stop());

describe("a script token", () => {
  it("opens what its role allows and nothing else", async () => {
    const viewer = (await create("dashboard", "VIEWER")).token;
    const customer = (await create("buyer", "CUSTOMER")).token;
    const provider = (await create("seller", "PROVIDER")).token;
    const admin = (await create("operator", "ADMIN")).token;
    for (const token of [viewer, customer, provider, admin])
      expect(await codeFor(token, "{ myOffers { offerID } contracts { state } }")).toBeUndefined();
    expect(await Promise.all([viewer, customer].map((token) => codeFor(token, SAVE)))).toEqual([
      "FORBIDDEN",
      "FORBIDDEN",
    ]);
    expect(await Promise.all([provider, admin].map((token) => codeFor(token, SAVE)))).toEqual([undefined, undefined]);
    expect(await Promise.all([viewer, provider].map((token) => codeFor(token, BUY)))).toEqual([
      "FORBIDDEN",
      "FORBIDDEN",
    ]);
    expect(await Promise.all([customer, admin].map((token) => codeFor(token, BUY)))).toEqual([
      "CLUSTER_NOT_FOUND",
      "CLUSTER_NOT_FOUND",
    ]);
    expect(await codeFor(viewer, TERMINATE)).toBe("FORBIDDEN");
    expect(await codeFor(customer, TERMINATE)).toBe("CONTRACT_NOT_FOUND");
    for (const token of [viewer, customer, provider])
      expect(await codeFor(token, "{ scriptTokens { tokenID } }")).toBe("FORBIDDEN");
    expect(await codeFor(admin, "{ scriptTokens { tokenID token } }")).toBeUndefined();
  });

  it("shows secrets only to whom they are for", async () => {
    const asked = "{ connector { clusterParameters { clusterID token } } }";
    const provider = (await create("seller 2", "PROVIDER")).token;
    expect((await connector.ask<object>(asked, {}, provider)).data).toMatchObject({
      connector: { clusterParameters: { token: null } },
    });
    expect(await connector.get(asked)).toMatchObject({ connector: { clusterParameters: { token: "liqo-secret" } } });
  });

  it("is told once, remembers who made it and when it was used, and names what it does", async () => {
    const { tokenID, token } = await create("pipeline", "PROVIDER");
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await connector.ask(SAVE.replace('"S"', '"Other"'), {}, token)).code).toBeUndefined();
    const { scriptTokens } = await connector.get<{ scriptTokens: Record<string, unknown>[] }>(
      "{ scriptTokens { tokenID token name role createdBy lastUsedAt } }",
    );
    expect(scriptTokens.find((one) => one["tokenID"] === tokenID)).toEqual({
      tokenID,
      token: null,
      name: "pipeline",
      role: "PROVIDER",
      createdBy: "admin",
      lastUsedAt: expect.any(Number) as number,
    });
    const { activity } = await connector.get<{ activity: { actor: string; action: string }[] }>(
      "{ activity { actor action } }",
    );
    expect(activity[0]).toEqual({ actor: "script pipeline", action: "offer.saved" });
    const page = new ConsolePage(connector.ports.admin);
    expect((await page.signIn(token)).status).toBe(201);
    expect((await page.ask("{ viewer { actor role } }")).data).toEqual({
      viewer: { actor: "script pipeline session", role: "PROVIDER" },
    });
  });

  it("ends with its sockets and sessions when it is revoked", async () => {
    const { tokenID, token } = await create("short", "VIEWER");
    const page = new ConsolePage(connector.ports.admin);
    await page.signIn(token);
    const { errors } = connector.subscribe("subscription { activity { id } }", {}, token);
    await waitFor(async () => (await connector.ask("{ viewer { actor } }", {}, token)).code === undefined);
    const codes: number[] = [];
    const client = page.socket((code) => codes.push(code));
    const connected = new Promise<void>((resolve) => client.on("connected", () => resolve()));
    client.subscribe(
      { query: "subscription { activity { id } }" },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await connected;
    await connector.get(REVOKE, { id: tokenID });
    await waitFor(() => codes.length > 0 && errors.length > 0);
    expect([codes[0], (errors[0] as { code: number }).code]).toEqual([4403, 4403]);
    expect(await codeFor(token, "{ viewer { actor } }")).toBe("UNAUTHENTICATED");
    expect((await page.ask("{ viewer { actor } }")).status).toBe(401);
    expect((await connector.ask(REVOKE, { id: "nothing" })).code).toBe("NOT_FOUND");
    await client.dispose();
  });

  it("must have a name, and an end in the future", async () => {
    const ask = (variables: object) => connector.ask(CREATE, { role: "VIEWER", ...variables });
    expect((await ask({ name: " " })).code).toBe("BAD_USER_INPUT");
    expect((await ask({ name: "a\nb" })).code).toBe("BAD_USER_INPUT");
    expect((await ask({ name: "x".repeat(65) })).code).toBe("BAD_USER_INPUT");
    expect((await ask({ name: "x", expiresAt: 1 })).code).toBe("BAD_USER_INPUT");
  });
});
