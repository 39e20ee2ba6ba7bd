import { describe, expect, test } from "vitest";
import { AddressPolicy, CidrInvalidError, type AddressRules } from "./address-policy.js";
import { EndpointGuard } from "./endpoint-guard.js";
import { EndpointRefusedError } from "./endpoint-refused.error.js";

const STRICT: AddressRules = { allowHttp: false, allowCidrs: [], denyCidrs: [] };
const OPEN: AddressRules = { allowHttp: true, allowCidrs: ["0.0.0.0/0", "::/0"], denyCidrs: [] };

/** The rule that refuses, or "allowed". Names resolve to `addresses`. */
async function verdict(
  url: string,
  rules: AddressRules = STRICT,
  addresses: string[] = [],
  isPrivateAllowed = false,
): Promise<string> {
  const guard = new EndpointGuard(rules, () => Promise.resolve(addresses));
  try {
    await guard.check(url, isPrivateAllowed);
    return "allowed";
  } catch (error) {
    if (!(error instanceof EndpointRefusedError)) throw error;
    return error.refusal.rule;
  }
}

describe("literal addresses", () => {
  test.each([
    "https://93.184.216.34",
    "https://93.184.216.34:6003/graphql",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/graphql",
  ])("%s is called", async (url) => {
    expect(await verdict(url)).toBe("allowed");
  });

  test.each([
    "https://127.0.0.1",
    "https://127.8.9.1",
    "https://[::1]",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://192.168.1.1",
    "https://100.64.0.1",
    "https://[fd00::1]",
    "https://127.1",
    "https://0x7f000001",
    "https://2130706433",
    "https://017700000001",
    "https://127.0.0.1.",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::127.0.0.1]",
    "https://0.0.0.0",
    "https://[::]",
    "https://169.254.169.254",
    "https://[fe80::1]",
    "https://168.63.129.16",
    "https://100.100.100.200",
    "https://[fd00:ec2::254]",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://240.0.0.1",
    "https://[ff02::1]",
    "https://[64:ff9b::7f00:1]",
    "https://[2002:7f00:1::]",
    "https://[2001:0:7f00:1::]",
    "https://192.0.0.192",
  ])("%s is refused", async (url) => {
    expect(await verdict(url)).not.toBe("allowed");
  });

  test.each([
    "https://0.0.0.0",
    "https://[::]",
    "https://169.254.169.254",
    "https://[fe80::1]",
    "https://168.63.129.16",
    "https://100.100.100.200",
    "https://[fd00:ec2::254]",
    "https://224.0.0.1",
    "https://[::ffff:8.8.8.8]",
    "https://[64:ff9b::808:808]",
    "https://[::7f00:1]",
    "https://[1000::1]",
    "https://127.1",
    "https://0x7f000001",
    "https://127.0.0.1.",
    "https://255.255.255.255",
    "https://[::127.0.0.1]",
  ])("%s is refused whatever the settings and whoever typed it", async (url) => {
    expect(await verdict(url, OPEN, [], true)).not.toBe("allowed");
  });
});

describe("settings", () => {
  test("ALLOW_CIDRS opens private ranges, the cluster's own ones win over it", async () => {
    const rules = { ...STRICT, allowCidrs: ["10.0.0.0/8", "fd00::/8"], denyCidrs: ["10.96.0.0/12"] };
    expect(await verdict("https://10.1.2.3", rules)).toBe("allowed");
    expect(await verdict("https://[fd12::1]", rules)).toBe("allowed");
    expect(await verdict("https://192.168.1.1", rules)).toBe("it is a private address");
    expect(await verdict("https://10.96.0.1", rules, [], true)).toBe("it belongs to this cluster's own network");
    expect(await verdict("https://93.184.216.34", { ...STRICT, denyCidrs: ["93.184.0.0/16"] })).toBe(
      "it belongs to this cluster's own network",
    );
  });

  test("what the own admin typed may be private, but not plain http", async () => {
    expect(await verdict("https://10.1.2.3", STRICT, [], true)).toBe("allowed");
    expect(await verdict("http://10.1.2.3", OPEN, [], true)).toContain("only https");
  });

  test("ALLOW_HTTP opens loopback and nothing else to http", async () => {
    const rules = { ...STRICT, allowHttp: true };
    expect(await verdict("http://127.0.0.1:8000/graphql", rules)).toBe("allowed");
    expect(await verdict("http://localhost:8000", rules, ["127.0.0.1", "::1"])).toBe("allowed");
    expect(await verdict("http://93.184.216.34", rules)).toContain("only https");
    expect(await verdict("http://turin.example", rules, ["127.0.0.1", "93.184.216.34"])).toContain("only https");
    expect(await verdict("http://127.0.0.1", STRICT)).toBe("it is a loopback address");
  });

  test("a range that is none is named", () => {
    expect(() => new AddressPolicy({ ...STRICT, allowCidrs: ["10.0.0.0/33"] })).toThrow(CidrInvalidError);
  });
});

describe("names and spellings", () => {
  test("every resolved address must pass", async () => {
    expect(await verdict("https://turin.example", STRICT, ["93.184.216.34"])).toBe("allowed");
    expect(await verdict("https://turin.example", STRICT, ["93.184.216.34", "10.0.0.1"])).toBe(
      "it is a private address",
    );
    expect(await verdict("https://turin.example", STRICT, ["93.184.216.34", "169.254.169.254"])).toContain(
      "link-local",
    );
    expect(await verdict("https://turin.example", STRICT, ["not an address"])).toBe("it is not an IP address");
  });

  test.each([
    "https://user@turin.example",
    "https://user:pass@turin.example",
    "https://turin.example.",
    "ftp://turin.example",
    "file:///etc/passwd",
    "turin.example",
    "",
    "https://turin.example/?a=b",
    "https://turin.example/#a",
    "https:\\\\turin.example",
    `https://turin.example/${"x".repeat(2_100)}`,
    "https://tur\tin.example",
    "https://turin.example@10.0.0.1",
    "https://ⓣurin.example",
  ])("%s is refused", async (url) => {
    expect(await verdict(url, STRICT, ["93.184.216.34"])).not.toBe("allowed");
  });

  test("a name that does not resolve may do so later", async () => {
    const guard = new EndpointGuard(STRICT, () => Promise.reject(new Error("ENOTFOUND")));
    await expect(guard.check("https://turin.example")).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
  });
});

test("a remote caller learns nothing from a refusal; the own admin learns all", async () => {
  const errors = await Promise.all(
    ["https://10.0.0.1/graphql", "https://169.254.169.254", "nonsense"].map((url) =>
      new EndpointGuard(STRICT).check(url).then(
        () => undefined,
        (error: unknown) => error as EndpointRefusedError,
      ),
    ),
  );
  expect(new Set(errors.map((error) => JSON.stringify([error?.code, error?.message, error?.details]))).size).toBe(1);
  expect(errors.map((error) => JSON.stringify(error)).join()).not.toMatch(/10\.0\.0\.1|169/);
  expect(JSON.stringify(Object.entries(errors[0] ?? {}))).not.toContain("10.0.0.1");
  expect(errors[0]?.explain()).toBe(
    "https://10.0.0.1/graphql (10.0.0.1) was refused: it is a private address. ALLOW_CIDRS would allow it.",
  );
  expect(errors[1]?.explain()).toContain("No setting allows it.");
});
