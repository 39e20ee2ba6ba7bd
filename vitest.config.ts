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

export default defineConfig({
  test: {
    projects: [
      {
        ...resolution,
        test: { name: "unit", include: [`${parts}/*.test.ts`], exclude: [...configDefaults.exclude, ...needsServers] },
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
          globalSetup: ["server/src/testing/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
