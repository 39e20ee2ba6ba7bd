import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // One copy of graphql: vite would load its ES module beside the CommonJS one that every library requires.
    alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }],
    conditions: ["catalog-source"],
  },
  ssr: { resolve: { conditions: ["catalog-source"] } },
  test: {
    include: ["{schema,server,broker,connector,e2e}/src/**/*.test.ts"],
    globalSetup: ["server/src/testing/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
