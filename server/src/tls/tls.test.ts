import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadTls, type TlsMaterial } from "./tls-material.js";

const NOW = new Date("2027-01-01T00:00:00Z");
const DAY = 86_400_000;

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "catalog-tls-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function selfSigned(now = NOW, names = ["localhost", "127.0.0.1"]): Promise<TlsMaterial> {
  const material = await loadTls({ mode: "self-signed", dataDir, names }, now);
  if (material === undefined) throw new Error("no material");
  return material;
}

describe("self-signed", () => {
  test("one certificate for the names, kept with its key", async () => {
    const made = await selfSigned();
    expect(await selfSigned()).toEqual(made);
    const certificate = new X509Certificate(made.cert);
    expect(certificate.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(made.spki).toMatch(/^[\w-]{43}$/);
  });

  test("is renewed before it ends, or for other names, and keeps the key", async () => {
    const made = await selfSigned();
    const renamed = await selfSigned(NOW, ["turin.example"]);
    const kept = await selfSigned(new Date(NOW.getTime() + 360 * DAY), ["turin.example"]);
    const late = await selfSigned(new Date(NOW.getTime() + 370 * DAY), ["turin.example"]);
    expect(kept.cert).toBe(renamed.cert);
    expect(late.cert).not.toBe(renamed.cert);
    for (const renewed of [late, renamed]) {
      expect(renewed.cert).not.toBe(made.cert);
      expect(renewed).toMatchObject({ key: made.key, spki: made.spki });
    }
  });

  test("a damaged certificate is made anew, an exposed key is refused", async () => {
    const made = await selfSigned();
    await writeFile(join(dataDir, "tls-cert.pem"), "nonsense", { mode: 0o600 });
    expect((await selfSigned()).spki).toBe(made.spki);
    await chmod(join(dataDir, "tls-key.pem"), 0o644);
    await expect(selfSigned()).rejects.toThrow("chmod 600");
  });
});

describe("files", () => {
  test("are used as they are; what cannot be served is named", async () => {
    const made = await selfSigned();
    const [certFile, keyFile] = [join(dataDir, "tls-cert.pem"), join(dataDir, "tls-key.pem")];
    const load = (changes: object, now = NOW) =>
      loadTls({ mode: "files", certFile, keyFile, dataDir, names: [], ...changes }, now);
    expect(await load({})).toEqual({ ...made, isSelfSigned: false });
    await expect(load({ keyFile: undefined })).rejects.toThrow("TLS_KEY_FILE");
    await expect(load({ certFile: join(dataDir, "none") })).rejects.toThrow("TLS_CERT_FILE");
    await expect(load({ certFile: keyFile })).rejects.toThrow("is not a PEM certificate");
    await expect(load({ keyFile: certFile })).rejects.toThrow("is not a PEM private key");
    await expect(load({}, new Date(NOW.getTime() + 400 * DAY))).rejects.toThrow("expired");
    const other = join(dataDir, "other.pem");
    await writeFile(
      other,
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
    );
    await expect(load({ keyFile: other })).rejects.toThrow("is not the key of");
    expect(await readFile(certFile, "utf8")).toBe(made.cert);
  });

  test("off needs nothing", async () => {
    expect(await loadTls({ mode: "off", dataDir, names: [] }, NOW)).toBeUndefined();
  });
});
