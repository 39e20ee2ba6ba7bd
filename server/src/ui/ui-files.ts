import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CatalogError } from "@catalog/schema/errors";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { COMMON_HEADERS, contentSecurityPolicy, type UiPart } from "./ui-headers.js";

/** Where built pages lie. */
export interface UiFolders {
  /** The app, served at `/`. */
  readonly app: string;
  /** The playground, served at `/playground`. */
  readonly playground: string;
}

/** Where `npm run build` puts the pages. */
const BUILT = fileURLToPath(new URL("../../../ui/dist", import.meta.url));

/** The folders of a part's pages below `dir`, or where they are built. `off`: none are served. */
export function uiFoldersOf(part: "broker" | "connector", dir = BUILT): UiFolders | undefined {
  return dir === "off" ? undefined : { app: join(dir, part), playground: join(dir, PLAYGROUND) };
}

const PLAYGROUND = "playground";
const FOREVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";

/** Said instead of an app that nobody has built. */
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The Catalog</title></head>
<body><h1>The Catalog</h1><p>The pages of this server have not been built: run <code>npm run build</code>, or set <code>UI_DIR</code>.
The GraphQL API works without them at <code>/graphql</code>.</p></body></html>
`;

/**
 * Serves the app at `/` and the playground at `/playground`. A path that is no file shows the app to browsers that ask for a page, so that
 * the app's own addresses can be opened and reloaded; to everybody else it is NOT_FOUND.
 */
export function uiRoutes(app: FastifyInstance, folders: UiFolders): void {
  const pages: Readonly<Record<UiPart, PageFolder>> = {
    app: new PageFolder(folders.app),
    playground: new PageFolder(folders.playground),
  };
  app.register(fastifyStatic, { serve: false, preCompressed: true, cacheControl: false });
  app.get("/*", async (request, reply) => {
    const path = pathOf(request);
    const isPlayground = path === PLAYGROUND || path.startsWith(`${PLAYGROUND}/`);
    const part: UiPart = isPlayground ? "playground" : "app";
    const file = isPlayground ? path.slice(PLAYGROUND.length + 1) : path;
    return answer(request, reply, { part, folder: pages[part], file });
  });
}

interface Asked {
  readonly part: UiPart;
  readonly folder: PageFolder;
  readonly file: string;
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { part, folder, file }: Asked,
): Promise<FastifyReply> {
  const files = await folder.files();
  const isFile = files.has(file);
  if (!isFile && !wantsPage(request, file)) {
    throw new CatalogError("NOT_FOUND", `nothing is served at ${request.method} ${request.url.slice(0, 200)}`);
  }
  reply.headers(COMMON_HEADERS).header("content-security-policy", contentSecurityPolicy(part, request.headers.host));
  reply.header("cache-control", isFile && file.startsWith("assets/") ? FOREVER : ASK_AGAIN);
  if (isFile) return reply.sendFile(file, folder.root);
  if (files.has("index.html")) return reply.sendFile("index.html", folder.root);
  return reply.type("text/html; charset=utf-8").send(NOT_BUILT);
}

/** The files of one folder as they were when the first of them was asked for: nothing else can be read through it. */
class PageFolder {
  private known: ReadonlySet<string> = new Set();

  constructor(readonly root: string) {}

  /** Paths of the files, with "/" in between; none while the folder does not exist. */
  async files(): Promise<ReadonlySet<string>> {
    if (this.known.size === 0) this.known = new Set(await listed(this.root));
    return this.known;
  }
}

async function listed(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function pathOf(request: FastifyRequest): string {
  const { "*": path = "" } = request.params as { "*"?: string };
  return path;
}

/** Whether a browser wants to see a page: what looks like a file is one, or is not there. */
function wantsPage(request: FastifyRequest, file: string): boolean {
  return (request.headers.accept ?? "").includes("text/html") && !/\.[^/]*$/.test(file) && !file.startsWith("assets/");
}
