import type { ErrorCode } from "@catalog/schema/errors";
import type { MachineLine } from "./machine-line.js";
import { type PlainAnswer, sendPlain } from "./plain-http.js";

/** One way to send an honest proof with a request that it does not stand for. */
export interface RequestForgery {
  readonly what: string;
  readonly code: ErrorCode;
  send(line: MachineLine, body: string): Promise<PlainAnswer>;
}

/** What is wrong here is not the proof but the request around it. */
export const REQUEST_FORGERIES: readonly RequestForgery[] = [
  {
    what: "a query string",
    code: "PROOF_TARGET_MISMATCH",
    send: (line, body) => sendPlain(`${line.url}?query=%7Bviewer%7D`, { body, headers: line.headers(body) }),
  },
  {
    what: "Content-Encoding identity",
    code: "PROOF_BODY_MISMATCH",
    send: (line, body) => line.send(body, { "content-encoding": "identity" }),
  },
  {
    what: "Content-Encoding gzip",
    code: "PROOF_BODY_MISMATCH",
    send: (line, body) => line.send(body, { "content-encoding": "gzip" }),
  },
  {
    what: "GET",
    code: "PROOF_TARGET_MISMATCH",
    send: (line) => sendPlain(line.url, { method: "GET", headers: line.headers("") }),
  },
  {
    what: "a space after the body",
    code: "PROOF_BODY_MISMATCH",
    send: (line, body) => sendPlain(line.url, { body: `${body} `, headers: line.headers(body) }),
  },
  {
    what: "another body",
    code: "PROOF_BODY_MISMATCH",
    send: (line, body) => sendPlain(line.url, { body, headers: line.headers('{"query":"{__typename}"}') }),
  },
  {
    what: "no proof after the scheme",
    code: "UNAUTHENTICATED",
    send: (line, body) => line.send(body, { authorization: "Catalog" }),
  },
  {
    what: "white space inside the proof",
    code: "UNAUTHENTICATED",
    send: (line, body) => {
      const proof = line.proofFor(body);
      return line.send(body, { authorization: `Catalog ${proof.slice(0, 40)} ${proof.slice(40)}` });
    },
  },
  {
    what: "a proof as a bearer token",
    code: "UNAUTHENTICATED",
    send: (line, body) => line.send(body, { authorization: `Bearer ${line.proofFor(body)}` }),
  },
  {
    what: "a proof in quotes",
    code: "PROOF_INVALID",
    send: (line, body) => line.send(body, { authorization: `Catalog "${line.proofFor(body)}"` }),
  },
  {
    what: "two proofs with a comma",
    code: "PROOF_INVALID",
    send: (line, body) => line.send(body, { authorization: `Catalog ${line.proofFor(body)},${line.proofFor(body)}` }),
  },
];
