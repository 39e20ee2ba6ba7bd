import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Chart, HelmRefusedError, template } from "./charts.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-values-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const DATABASE = "postgresql: {mode: bundled}\n";

/** What is wrong, and what its refusal must tell. */
const REFUSED: readonly (readonly [Chart, string, readonly RegExp[]])[] = [
  ["broker", "{}", [/postgresql\.external\.existingSecret/, /cloudnative-pg/, /bundled/]],
  ["broker", `${DATABASE}replica: 2`, [/replica\b.*not allowed/i]],
  ["broker", `${DATABASE}settings: {LOG_LEVLE: debug}`, [/LOG_LEVLE/]],
  ["broker", `${DATABASE}settings: {DATABASE_URL: x}`, [/DATABASE_URL/]],
  ["broker", "postgresql: {mode: mysql}", [/postgresql.mode/, /cloudnative-pg/]],
  ["broker", `${DATABASE}tls: {mode: secret}`, [/tls\.existingSecret/]],
  ["broker", `${DATABASE}tls: {mode: cert-manager}`, [/tls\.certManager\.issuerRef\.name/]],
  ["broker", `${DATABASE}ingress: {enabled: true, host: b.example}`, [/ingress\.tls: TLS is required/]],
  ["broker", `${DATABASE}ingress: {enabled: true, tls: {existingSecret: x}}`, [/ingress\.host/]],
  [
    "broker",
    `${DATABASE}tls: {mode: self-signed}\ningress: {enabled: true, host: b.example, tls: {existingSecret: x}}`,
    [/pinned certificate/, /tls\.mode off/],
  ],
  ["broker", `${DATABASE}gateway: {enabled: true, host: b.example}`, [/gateway\.parentRefs/]],
  ["broker", `${DATABASE}adminToken: {value: short}`, [/adminToken.value/]],
  ["broker", `${DATABASE}autoscaling: {enabled: true, minReplicas: 7}`, [/minReplicas must not be more/]],
  ["broker", `${DATABASE}network: {allowCidrs: [everything]}`, [/network.allowCidrs/]],
  [
    "broker",
    "postgresql: {mode: cloudnative-pg, cloudnativePg: {scheduledBackup: {enabled: true}}}",
    [/postgresql\.cloudnativePg\.backup/],
  ],
  ["connector", `${DATABASE}mongo: {enabled: true}`, [/mongo: there is no MongoDB any more/, /postgresql\.mode/]],
  ["connector", `${DATABASE}mongodb: {auth: {rootPassword: x}}`, [/mongodb: there is no MongoDB/, /postgresql/]],
  ["connector", `${DATABASE}connector: {config: {mongoUrl: x}}`, [/connector\.config\.mongoUrl/, /postgresql/]],
  ["connector", `${DATABASE}connector: {config: {grpcPort: 6002}}`, [/must all differ/]],
  ["connector", `${DATABASE}serviceGrpc: {name: connector-http}`, [/must all differ/]],
  ["connector", `${DATABASE}serviceGrpc: {port: 0}`, [/serviceGrpc.port/]],
  ["connector", `${DATABASE}liqo: {mode: v2}`, [/liqo.mode/, /v0\.8/]],
  ["connector", `${DATABASE}liqo: {class: 'x" || true'}`, [/liqo.class/]],
  ["connector", `${DATABASE}contractEndpoint: http://plain.example`, [/contractEndpoint/]],
  ["connector", `${DATABASE}ui: {ingress: {enabled: true, tls: {existingSecret: x}}}`, [/ui\.ingress\.host|host/]],
  ["connector", `${DATABASE}host: c.example\nui: {ingress: {enabled: true}}`, [/ui\.ingress\.tls: TLS is required/]],
  ["connector", `${DATABASE}serviceAccount: {create: false, name: ""}`, [/serviceAccount.name/]],
  ["connector", `${DATABASE}declarations: {offers: [{offerName: x}]}`, [/declarations.offers/, /offerID/]],
  [
    "connector",
    `${DATABASE}declarations: {brokers: [{name: a, join: "catalog-join:x", joinSecretRef: {name: s, key: k}}]}`,
    [/both join and joinSecretRef/],
  ],
];

test.each(REFUSED)("%s with %j is refused, and told why", async (chart, values, reasons) => {
  const file = join(folder, "values.yaml");
  await writeFile(file, values);
  const refusal = await template(chart, "x", "--values", file).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(HelmRefusedError);
  // The schema's paths are written with slashes by some versions of Helm.
  const said = (refusal as Error).message.replaceAll("/", ".");
  for (const reason of reasons) expect(said).toMatch(reason);
});

test("Liqo 1.x on a Kubernetes without admission policies is refused, unless the risk is taken", async () => {
  const old = ["--set", "postgresql.mode=bundled,liqo.mode=v1", "--kube-version", "1.29.0"];
  await expect(template("connector", "x", ...old)).rejects.toThrow(/admission policies, which need Kubernetes 1\.30/);
  expect(await template("connector", "x", ...old, "--set", "liqo.requirePolicies=false")).not.toContain(
    "ValidatingAdmissionPolicy",
  );
});
