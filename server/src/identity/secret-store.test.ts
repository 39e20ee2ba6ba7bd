import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PodSecret, SecretUnavailableError } from "./secret-store.js";

interface Asked {
  readonly call: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let folder: string;
let server: Server;
let asked: Asked[];
let answers: { status: number; body: object }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-pod-"));
  for (const [file, text] of Object.entries({ namespace: "shop\n", token: "t0ken\n", "ca.crt": "" }))
    await writeFile(join(folder, file), text);
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { authorization } = request.headers;
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      asked.push({ call: `${request.method} ${request.url}`, authorization, body });
      const answer = answers.shift() ?? { status: 500, body: {} };
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const secret = (): PodSecret => {
  const { port } = server.address() as AddressInfo;
  return new PodSecret("keys", { server: `http://127.0.0.1:${port}`, folder });
};

test("creates what is not there, and changes what is without losing what others wrote", async () => {
  answers = [
    { status: 404, body: {} },
    { status: 201, body: {} },
  ];
  expect(await secret().read()).toBeUndefined();
  expect(await secret().write({ a: "ä" }, undefined)).toBe(true);
  expect(asked).toMatchObject([
    { call: "GET /api/v1/namespaces/shop/secrets/keys", authorization: "Bearer t0ken" },
    { call: "POST /api/v1/namespaces/shop/secrets", body: { kind: "Secret", type: "Opaque", data: { a: "w6Q=" } } },
  ]);

  const object = { metadata: { name: "keys", resourceVersion: "7" }, data: { a: "w6Q=", other: "eA==" } };
  answers = [
    { status: 200, body: object },
    { status: 200, body: {} },
  ];
  const kept = await secret().read();
  expect(kept?.files).toEqual({ a: "ä", other: "x" });
  expect(await secret().write({ b: "b" }, kept)).toBe(true);
  expect(asked.at(-1)).toMatchObject({
    call: "PUT /api/v1/namespaces/shop/secrets/keys",
    body: { metadata: object.metadata, data: { a: "w6Q=", other: "eA==", b: "Yg==" } },
  });
});

test("tells who was first, and what is missing when it is refused", async () => {
  answers = [
    { status: 409, body: {} },
    { status: 403, body: { message: 'secrets "keys" is forbidden' } },
  ];
  expect(await secret().write({}, undefined)).toBe(false);
  const refusal = await secret()
    .read()
    .catch((error: unknown) => error as Error);
  expect(refusal).toBeInstanceOf(SecretUnavailableError);
  expect((refusal as Error).message).toContain("forbidden");
  expect((refusal as Error).message).toContain("needs get and update");
  await rm(join(folder, "token"));
  await expect(secret().read()).rejects.toThrow("ENOENT");
});
