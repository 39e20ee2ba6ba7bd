import { availableParallelism } from "node:os";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { BaseSequencer, type Reporter } from "vitest/node";
import { configDefaults, defineConfig } from "vitest/config";

/** Sources of the workspaces instead of their builds, and one copy of graphql: vite would load its ES module beside the CommonJS one that every library requires. */
const resolution = {
  resolve: {
    alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }],
    conditions: ["catalog-source"],
  },
  ssr: { resolve: { conditions: ["catalog-source"] } },
};

const parts = "{schema,server,broker,connector}/src/**";
const needsServers = [`${parts}/*.pg.test.ts`, `${parts}/*.ws.test.ts`];

const needsKubernetes = "e2e/src/**/*.kube.test.ts";
/** Outages, networks and rare set-ups on Kubernetes: `npm run test:kube:all` runs them too. */
const needsTimeOnKubernetes = "e2e/src/**/*.long.kube.test.ts";
const needsBrowser = "e2e/src/**/*.browser.test.ts";
const needsEarlierRelease = "e2e/src/**/*.compat.test.ts";
const needsHelm = "e2e/src/**/*.helm.test.ts";
const needsCluster = "e2e/src/**/*.cluster.test.ts";

/** One plain last line with the totals, for whoever reads the log of a run. */
const totals: Reporter = {
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state]++;
      }
      if (module.state() === "failed" && module.errors().length > 0) count.failed++;
    }
    process.stdout.write(`tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  },
};

/** Crashes before everything else, then whole trades. */
const takesLong = [/crashes\.kube\.test\.ts$/, /(trade-[^/]*|\.long)\.kube\.test\.ts$/];

/** Files that take minutes begin first: one of them at the end would keep everybody waiting. */
class LongFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]): ReturnType<BaseSequencer["sort"]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: (typeof sorted)[number]): number => {
      const found = takesLong.findIndex((pattern) => pattern.test(moduleId));
      return found === -1 ? takesLong.length : found;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Whole-system tests on real API servers: each file has two of its own. */
const kubernetes = {
  ...resolution,
  test: {
    name: "kube",
    include: [needsKubernetes],
    exclude: [
      ...configDefaults.exclude,
      ...(process.env["CATALOG_TEST_KUBE"] === "all" ? [] : [needsTimeOnKubernetes]),
    ],
    globalSetup: ["server/src/testing/global-setup.ts"],
    isolate: false, // each file starts servers of its own; only what was imported is kept from one to the next
    // Generous, because they are reached only where something is wrong: a busy machine is no error.
    testTimeout: 400_000,
    hookTimeout: 300_000,
  },
};

/** What people do, in a real browser against real servers. */
const browser = {
  ...resolution,
  test: {
    name: "browser",
    include: [needsBrowser],
    // Bounds for a busy machine, as everywhere.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
};

/** An earlier release beside this one. */
const compat = {
  ...resolution,
  test: { name: "compat", include: [needsEarlierRelease], testTimeout: 180_000, hookTimeout: 120_000 },
};

/** What the charts become, judged by Helm and by a real API server. */
const helm = {
  ...resolution,
  test: { name: "helm", include: [needsHelm], testTimeout: 120_000, hookTimeout: 120_000 },
};

/** The charts and images on real clusters. Everything in one file builds on what was before it. */
const cluster = {
  ...resolution,
  test: { name: "cluster", include: [needsCluster], testTimeout: 400_000, hookTimeout: 1_200_000, bail: 1 },
};

export default defineConfig({
  test: {
    reporters: ["default", totals],
    // Most files wait for servers more than they compute; vitest alone would leave one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    ...(process.env["CATALOG_TEST_KUBE"] === undefined ? {} : { sequence: { sequencer: LongFirst } }),
    projects: [
      {
        ...resolution,
        test: {
          name: "unit",
          include: [`${parts}/*.test.ts`],
          exclude: [...configDefaults.exclude, ...needsServers],
          testTimeout: 30_000, // a bound for a busy machine, not an expectation
        },
      },
      {
        ...resolution,
        // Classes with runes are compiled; what needs a page is tested in a browser.
        plugins: [svelte({ configFile: "ui/svelte.config.js" })],
        test: { name: "ui", include: ["ui/{src,scripts}/**/*.test.ts"] },
      },
      {
        ...resolution,
        test: {
          name: "servers",
          include: needsServers,
          globalSetup: ["server/src/testing/global-setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...resolution,
        test: {
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          exclude: [
            ...configDefaults.exclude,
            needsKubernetes,
            needsBrowser,
            needsEarlierRelease,
            needsHelm,
            needsCluster,
          ],
          globalSetup: ["server/src/testing/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // Only `npm run test:kube` sets it: building a Kubernetes takes minutes, and none of the other tests needs one.
      ...(process.env["CATALOG_TEST_KUBE"] === undefined ? [] : [kubernetes]),
      // Only `npm run test:compat` sets it: the earlier release is built first.
      ...(process.env["CATALOG_TEST_COMPAT"] === undefined ? [] : [compat]),
      // Only `npm run test:browser` sets it: it needs Chromium, which does not come as a package of npm.
      ...(process.env["CATALOG_TEST_BROWSER"] === undefined ? [] : [browser]),
      // Only `npm run test:helm` and `npm run test:cluster` set these, for the same reasons.
      ...(process.env["CATALOG_TEST_HELM"] === undefined ? [] : [helm]),
      ...(process.env["CATALOG_TEST_CLUSTER"] === undefined ? [] : [cluster]),
    ],
  },
});
