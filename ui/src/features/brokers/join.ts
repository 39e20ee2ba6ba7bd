import { CatalogError } from "@catalog/schema/errors";
import { type JoinString, parseJoinString } from "@catalog/schema/documents/join-string";
import { capitalised } from "../../lib/format/words.ts";

/** What a pasted text says: nothing yet, whose join string it is, or what is wrong with it. */
export type Pasted =
  | { readonly kind: "empty" }
  | { readonly kind: "wrong"; readonly problem: string }
  | { readonly kind: "join"; readonly join: JoinString };

/** Reads a join string before it is sent anywhere. */
export function readPasted(text: string): Pasted {
  if (text.trim() === "") return { kind: "empty" };
  try {
    return { kind: "join", join: parseJoinString(text) };
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    return { kind: "wrong", problem: `${capitalised(error.message)}.` };
  }
}
