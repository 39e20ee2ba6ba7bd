import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError, usageError } from "../cli-error.js";
import { EXIT } from "../exit-codes.js";
import type { Terminal } from "../terminal.js";
import { AdminApi } from "./admin-api.js";

/** How the command line says which Connector is meant, and as whom. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

const DEFAULT_PORT = "6002";

/**
 * The admin API that options and environment name. Inside a Connector's own container nothing needs to be said: its port and data directory
 * stand in the environment.
 */
export async function connect(options: ConnectionOptions, { env }: Pick<Terminal, "env">): Promise<AdminApi> {
  return new AdminApi(urlOf(options.url ?? env["CATALOG_URL"] ?? ownUrl(env)), await tokenOf(options, env));
}

function ownUrl(env: Terminal["env"]): string {
  const isTls = (env["TLS"] ?? "off") !== "off";
  return `${isTls ? "https" : "http"}://localhost:${env["ADMIN_PORT"] ?? DEFAULT_PORT}`;
}

function urlOf(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw usageError(`${JSON.stringify(text)} is no address of a Connector; it looks like http://localhost:6002.`);
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = "/graphql";
  return url;
}

async function tokenOf(options: ConnectionOptions, env: Terminal["env"]): Promise<string | undefined> {
  const given = options.token ?? (options.tokenFile === undefined ? env["CATALOG_TOKEN"] : undefined);
  if (given !== undefined && given !== "") return checked(given.trim());
  const named = options.tokenFile ?? env["CATALOG_TOKEN_FILE"];
  if (named !== undefined) return checked(await fileText(named));
  if (env["ADMIN_TOKEN"] !== undefined) return checked(env["ADMIN_TOKEN"].trim());
  if (env["DATA_DIR"] === undefined) return undefined;
  return fileText(join(env["DATA_DIR"], "admin-token")).catch(() => undefined);
}

function checked(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CliError("The token has characters that no token has; copy it again.", EXIT.access);
}

async function fileText(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new CliError(
      `The token file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown"}.`,
      EXIT.access,
    );
  }
}
