import { CatalogError, type ErrorCode } from "@catalog/schema/errors";
import { redacted } from "../forge/redaction.js";

export type KubeVerb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/** What was asked of the API server. */
export interface KubeCall {
  readonly verb: KubeVerb;
  /** `tenants.authentication.liqo.io`, with `/status` for the subresource. */
  readonly resource: string;
  /** The object or the collection, as people say it. */
  readonly object: string;
  readonly namespace?: string | undefined;
}

/** The API server did not do what was asked; the message names verb and object, never a secret. */
export class KubeError extends CatalogError {
  constructor(
    code: ErrorCode,
    readonly call: KubeCall,
    reason: string,
    /** What the admin can do about it. */
    readonly whatToDo: string,
  ) {
    super(code, `Kubernetes: ${call.verb} ${call.object}: ${redacted(reason)}`, { object: call.object, whatToDo });
  }
}

/** The account of the Connector lacks a permission. */
export class KubeForbiddenError extends KubeError {
  constructor(call: KubeCall, reason: string) {
    const where = call.namespace === undefined ? "in the whole cluster" : `in namespace ${call.namespace}`;
    super(
      "FORBIDDEN",
      call,
      `not permitted (${reason})`,
      `Give the Connector's account the permission "${call.verb}" on "${call.resource}" ${where}, for example by applying its roles again.`,
    );
  }
}

/** The token or certificate of the Connector is not accepted. */
export class KubeUnauthenticatedError extends KubeError {
  constructor(call: KubeCall) {
    super(
      "UNAVAILABLE",
      call,
      "the API server does not accept the Connector's credentials",
      "Check the token or the certificate that the Connector logs in with (KUBECONFIG, or its ServiceAccount); it is read again at every attempt.",
    );
  }
}

/** The kind is not known to this cluster: its CRD is missing, or this version of it is not served. */
export class KubeKindMissingError extends KubeError {
  constructor(call: KubeCall) {
    super(
      "UNAVAILABLE",
      call,
      `this cluster does not know ${call.resource}`,
      `Install Liqo in the version that LIQO_MODE names (its CustomResourceDefinition ${call.resource} is missing), or set another LIQO_MODE.`,
    );
  }
}

/** The object that was to be changed is not there. */
export class KubeNotFoundError extends KubeError {
  constructor(call: KubeCall) {
    super("NOT_FOUND", call, "there is no such object", "Nothing: it is looked for again at the next attempt.");
  }
}

/** Somebody else created, changed or removed the object first. */
export class KubeConflictError extends KubeError {
  constructor(call: KubeCall, reason: string) {
    super("UNAVAILABLE", call, `somebody else was faster (${reason})`, "Nothing: it is tried again by itself.");
  }
}

/** The API server, a webhook or an admission policy refuses the content. */
export class KubeInvalidError extends KubeError {
  constructor(call: KubeCall, reason: string) {
    super(
      "BAD_USER_INPUT",
      call,
      `refused (${reason})`,
      "Compare the refused value with what this version of Liqo accepts.",
    );
  }
}

/** The API server, or a webhook that it asks, is away or overloaded. */
export class KubeUnavailableError extends KubeError {
  constructor(call: KubeCall, reason: string) {
    super(
      "UNAVAILABLE",
      call,
      `no answer that counts (${reason})`,
      "Nothing, if the cluster is being restarted. Otherwise check that the API server runs and that Liqo's controller manager, whose webhook it asks, is ready.",
    );
  }
}

/** The watch began at a version that the API server has forgotten; only a new list helps. */
export class KubeExpiredError extends KubeError {
  constructor(call: KubeCall, reason: string) {
    super("UNAVAILABLE", call, `too old (${reason})`, "Nothing: everything is read anew.");
  }
}

/** Whether trying again later may help without anybody doing anything. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof KubeUnavailableError ||
    error instanceof KubeConflictError ||
    error instanceof KubeExpiredError ||
    error instanceof KubeNotFoundError
  );
}

interface Status {
  readonly message: string;
  readonly reason: string;
  readonly hasDetails: boolean;
}

function statusOf(body: unknown, httpStatus: number): Status {
  const { message, reason, details } = (typeof body === "object" && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  return {
    message: typeof message === "string" && message !== "" ? message.slice(0, 600) : `HTTP ${httpStatus}`,
    reason: typeof reason === "string" ? reason : "",
    hasDetails:
      typeof details === "object" && details !== null && typeof (details as { name?: unknown }).name === "string",
  };
}

/**
 * The error for an answer that is none of 2xx. `body` is the Status object where there is one (a plain text otherwise): a 404 without
 * an object's name in its details means that the path, so the kind, is unknown.
 */
export function errorOf(call: KubeCall, httpStatus: number, body: unknown): KubeError {
  const { message, reason, hasDetails } = statusOf(body, httpStatus);
  if (httpStatus === 401) return new KubeUnauthenticatedError(call);
  if (httpStatus === 403) return refusalOf(call, message);
  if (httpStatus === 404) return hasDetails ? new KubeNotFoundError(call) : new KubeKindMissingError(call);
  if (httpStatus === 409) return new KubeConflictError(call, message);
  if (httpStatus === 410 || reason === "Expired" || reason === "Gone") return new KubeExpiredError(call, message);
  if (httpStatus === 400 || httpStatus === 405 || httpStatus === 413 || httpStatus === 415 || httpStatus === 422)
    return new KubeInvalidError(call, message);
  return new KubeUnavailableError(call, message);
}

/** Admission policies, quotas and namespaces on their way out answer 403 too; RBAC's refusals say who "cannot" do what. */
function refusalOf(call: KubeCall, message: string): KubeError {
  if (/ cannot [a-z]+ resource /.test(message)) return new KubeForbiddenError(call, message);
  if (message.includes("because it is being terminated")) return new KubeConflictError(call, message);
  return /admission|denied|quota|ValidatingAdmissionPolicy/i.test(message)
    ? new KubeInvalidError(call, message)
    : new KubeForbiddenError(call, message);
}
