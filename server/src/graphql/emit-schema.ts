import { writeFile } from "node:fs/promises";
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from "graphql";

/** Writes a schema's SDL with descriptions, sorted, so that the same schema always gives the same bytes. */
export async function writeSdl(schema: GraphQLSchema, file: string): Promise<void> {
  await writeFile(file, sdlOf(schema), "utf8");
}

/** The text that {@link writeSdl} writes. */
export function sdlOf(schema: GraphQLSchema): string {
  return `# Generated from the code by "npm run schema"; do not edit.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}
