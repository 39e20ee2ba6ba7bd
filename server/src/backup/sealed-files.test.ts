import { describe, expect, it } from "vitest";
import { openFiles, sealFiles } from "./sealed-files.js";

const PASSPHRASE = "correct horse battery";
const FILES = { "identity.json": "{}", "tls-key.pem": "ü" };

describe("sealed files", () => {
  it("open with their passphrase alone", async () => {
    const sealed = await sealFiles(FILES, PASSPHRASE);
    expect(await openFiles(sealed, PASSPHRASE)).toEqual(FILES);
    await expect(openFiles(sealed, `${PASSPHRASE} `)).rejects.toThrow("passphrase is another one");
    expect(sealed).not.toContain(Buffer.from("identity").toString("base64url"));
  });

  it("do not open where a character of them was changed", async () => {
    const sealed = await sealFiles(FILES, PASSPHRASE);
    const [head, key, iv, text, tag] = sealed.split(".");
    const damaged = [
      head,
      key,
      iv,
      `${text === undefined || text.startsWith("A") ? "B" : "A"}${text?.slice(1) ?? ""}`,
      tag,
    ];
    await expect(openFiles(damaged.join("."), PASSPHRASE)).rejects.toThrow("damaged");
    await expect(openFiles("nonsense", PASSPHRASE)).rejects.toThrow("damaged");
  });

  it("are refused with a passphrase that can be guessed", async () => {
    await expect(sealFiles(FILES, "short")).rejects.toThrow("12 characters");
  });
});
