import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHARTS, helm, HELM_FOLDER, objectsOf, template } from "./charts.js";

let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-repository-"));
  server = createServer((request, response) => {
    readFile(join(folder, "charts", basename(request.url ?? ""))).then(
      (file) => response.end(file),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test("the packaged charts are a repository, and what is in them is what was tested", async () => {
  const charts = join(folder, "charts");
  await promisify(execFile)(process.execPath, [join(HELM_FOLDER, "scripts", "package.js"), charts, url]);
  expect((await readdir(charts)).toSorted()).toEqual(["broker-0.1.0.tgz", "connector-0.1.0.tgz", "index.yaml"]);

  const own = ["--repository-config", join(folder, "repositories.yaml"), "--repository-cache", join(folder, "cache")];
  await helm("repo", "add", "catalog", url, ...own);
  expect(await helm("search", "repo", "catalog", ...own)).toMatch(
    /catalog\/broker\s+0\.1\.0[\s\S]*catalog\/connector\s+0\.1\.0/,
  );
  for (const chart of CHARTS) {
    const values = [
      "--set",
      "postgresql.mode=bundled,postgresql.bundled.password=a-password",
      "--kube-version",
      "1.34.4",
    ];
    const fetched = await helm("template", "x", `catalog/${chart}`, "--namespace", "shop", ...values, ...own);
    expect(objectsOf(fetched)).toEqual(objectsOf(await template(chart, "x", ...values)));
  }
  await helm("pull", "catalog/broker", "--untar", "--destination", join(folder, "pulled"), ...own);
  const packed = await readdir(join(folder, "pulled", "broker"));
  expect(packed).not.toContain("golden");
  expect(packed).toContain("values.schema.json");
});
