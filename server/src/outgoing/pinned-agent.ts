import { X509Certificate } from "node:crypto";
import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { spkiOf } from "../tls/spki.js";

/** How the certificate of a peer is checked. */
export interface PinOptions {
  /** Base64url SHA-256 of the SubjectPublicKeyInfo that the peer must show; certificate authorities do not count then. */
  readonly pinnedSpki?: string | undefined;
  /** Accepts any certificate: only to fetch a document that proves itself. */
  readonly isAnyCertificate?: boolean | undefined;
}

/** A peer that showed another key than the pinned one. */
export class PinMismatchError extends Error {
  constructor(readonly spki: string) {
    super("the TLS key of the peer is not the pinned one");
    this.name = "PinMismatchError";
  }
}

type ConnectOptions = ConnectionOptions & PinOptions;
type OnCreate = (error: Error | null, socket?: Duplex) => void;

/**
 * An https agent that hands out a connection only after its certificate was checked as {@link PinOptions} say, and that
 * never shares connections between different pins.
 */
export class PinnedAgent extends Agent {
  constructor(options: AgentOptions) {
    // A resumed session shows no certificate, so there are none.
    super({ ...options, maxCachedSessions: 0 });
  }

  override getName(options: ConnectOptions = {}): string {
    return `${super.getName(options)}:${options.pinnedSpki ?? ""}:${options.isAnyCertificate === true}`;
  }

  override createConnection(options: ConnectOptions, created: OnCreate): undefined {
    const { pinnedSpki } = options;
    const isAuthority = pinnedSpki === undefined && options.isAnyCertificate !== true;
    const socket = connect({ ...options, rejectUnauthorized: isAuthority });
    const fail = (error: Error): void => created(error);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      const spki = peerSpki(socket);
      if (pinnedSpki === undefined || spki === pinnedSpki) return created(null, socket);
      const mismatch = new PinMismatchError(spki ?? "");
      socket.once("error", () => undefined);
      socket.destroy();
      created(mismatch);
    });
    return undefined;
  }
}

/** Pin of the certificate that a connected peer showed; undefined if it showed none. */
export function peerSpki(socket: TLSSocket): string | undefined {
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : spkiOf(new X509Certificate(raw));
}
