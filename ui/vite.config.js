import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Where a development server finds the API of each app: the demo's Paris, and its Broker. */
const TARGETS = {
  connector: "http://localhost:6202",
  broker: "http://localhost:8000",
  playground: "http://localhost:6202",
};

/** One app of three, named by --mode: connector, broker or playground. */
export default defineConfig(({ mode }) => {
  const app = mode in TARGETS ? mode : "connector";
  const target = process.env["UI_TARGET"] ?? TARGETS[app];
  return {
    root: `${here}src/${app}`,
    base: app === "playground" ? "/playground/" : "/",
    publicDir: `${here}public`,
    plugins: app === "playground" ? [] : [tailwindcss(), svelte({ configFile: `${here}svelte.config.js` })],
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    resolve: { conditions: ["catalog-source", "browser", "module", "production"] },
    build: {
      outDir: `${here}dist/${app}`,
      emptyOutDir: true,
      target: ["chrome123", "firefox128", "safari17.5"],
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 8192,
      // React libraries begin with "use client", which means nothing in a bundle.
      rolldownOptions: { onwarn: (warning, warn) => warning.code !== "MODULE_LEVEL_DIRECTIVE" && warn(warning) },
    },
    worker: { format: "es" },
    server: { proxy: { "/graphql": { target, ws: true }, "/session": { target } } },
  };
});
