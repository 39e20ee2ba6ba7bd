// Writes the types that gql.tada reads from the committed SDL, or with --check fails if they are not what the SDL says.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { minifyIntrospection, outputIntrospectionFile } from "@gql.tada/internal";
import { buildSchema, introspectionFromSchema } from "graphql";

/** The text of ui/src/lib/graphql/<part>.introspection.d.ts for an SDL. */
function typesOf(sdl, part) {
  const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(sdl), { descriptions: false }));
  return outputIntrospectionFile(
    { ...introspection, name: part },
    {
      fileType: ".d.ts",
      shouldPreprocess: true,
      preamble: `// Generated from schema/${part}.graphql by "npm run schema"; do not edit.\n`,
    },
  );
}

const isCheck = process.argv.includes("--check");
let isStale = false;
for (const part of ["connector", "broker"]) {
  const path = fileURLToPath(new URL(`../src/lib/graphql/${part}.introspection.d.ts`, import.meta.url));
  const sdl = await readFile(fileURLToPath(new URL(`../../schema/${part}.graphql`, import.meta.url)), "utf8");
  const text = typesOf(sdl, part);
  if ((await readFile(path, "utf8").catch(() => "")) === text) continue;
  isStale = true;
  if (isCheck) process.stderr.write(`ui/src/lib/graphql/${part}.introspection.d.ts is not what the SDL says\n`);
  else await writeFile(path, text);
}
if (isCheck && isStale) process.exit(1);
