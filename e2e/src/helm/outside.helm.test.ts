import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { HELM_FOLDER } from "./charts.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (file: string): Promise<string> => readFile(`${ROOT}${file}`, "utf8");

/** The variables that the documentation lists for a part: they are the settings themselves. */
async function settings(part: string): Promise<readonly string[]> {
  const text = await read("docs/settings.md");
  const [from, to] = [`<!-- ${part} configuration: generated -->`, `<!-- end of ${part} configuration -->`];
  const table = text.slice(text.indexOf(from), text.indexOf(to));
  return [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name = ""]) => name);
}

interface Container {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
}

describe("a Broker outside of Kubernetes", () => {
  test("compose.yaml names settings that exist, and shows nobody its database", async () => {
    const { services, networks } = parse(await read("broker/compose.yaml")) as {
      readonly services: { readonly broker: Container; readonly postgresql: Container };
      readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
    };
    const { broker, postgresql } = services;
    const known = await settings("broker");
    expect(known.length).toBeGreaterThan(40);
    expect(Object.keys(broker.environment).filter((name) => !known.includes(name))).toEqual([]);
    expect(broker).toMatchObject({ build: { context: "..", dockerfile: "broker/Dockerfile" }, read_only: true });
    expect(postgresql.ports).toBeUndefined();
    expect(postgresql.networks).toEqual(["database"]);
    expect(networks["database"]?.internal).toBe(true);
    const { appVersion } = parse(await readFile(`${HELM_FOLDER}broker/Chart.yaml`, "utf8")) as { appVersion: string };
    expect(broker.image).toBe(`catalog-broker:${appVersion}`);
  });

  test("the systemd unit names settings that exist, and the program that is there", async () => {
    const unit = await read("broker/catalog-broker.service");
    const known = await settings("broker");
    const named = [...unit.matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(unit).toContain("ExecStart=/usr/bin/node broker/dist/main.js");
    expect(JSON.parse(await read("package.json"))).toMatchObject({
      scripts: { "start:broker": "node broker/dist/main.js" },
    });
  });
});

describe("the images", () => {
  test.each(["broker", "connector"])(
    "%s: the parts of it are those of the repository, and nobody is root",
    async (part) => {
      const lines = (await read(`${part}/Dockerfile`)).split("\n");
      expect(lines).toContain("USER 1000:1000");
      expect(lines).toContain(`ENTRYPOINT ["node", "${part}/dist/main.js"]`);
      const { workspaces } = JSON.parse(await read("package.json")) as { readonly workspaces: readonly string[] };
      for (const workspace of workspaces) expect(lines).toContain(`COPY ${workspace}/package.json ${workspace}/`);
      expect(lines.filter((line) => /^(ADD|RUN .*(curl|wget|apt-get))/.test(line))).toEqual([]);
    },
  );
});
