import { describe, expect, it } from "vitest";
import { redacted } from "../forge/redaction.js";
import {
  errorOf,
  isPassing,
  KubeConflictError,
  KubeExpiredError,
  KubeForbiddenError,
  KubeInvalidError,
  KubeKindMissingError,
  KubeNotFoundError,
  KubeUnauthenticatedError,
  KubeUnavailableError,
  type KubeCall,
} from "./kube.errors.js";

const CALL: KubeCall = {
  verb: "patch",
  resource: "tenants.authentication.liqo.io",
  object: "Tenant liqo-tenant-turin/turin",
  namespace: "liqo-tenant-turin",
};
const RBAC =
  'tenants.authentication.liqo.io "turin" is forbidden: User "system:serviceaccount:catalog:connector" cannot patch resource "tenants" in API group "authentication.liqo.io" in the namespace "liqo-tenant-turin"';
const POLICY =
  "tenants.authentication.liqo.io \"turin\" is forbidden: ValidatingAdmissionPolicy 'catalog-fence' with binding 'catalog-fence' denied request: outside its fence";
const ENDING =
  'rolebindings.rbac.authorization.k8s.io "catalog" is forbidden: unable to create new content in namespace liqo-tenant-turin because it is being terminated';

describe("answers of the API server", () => {
  it.each([
    [401, { message: "Unauthorized" }, KubeUnauthenticatedError, false],
    [403, { message: RBAC, reason: "Forbidden" }, KubeForbiddenError, false],
    [403, { message: POLICY, reason: "Forbidden" }, KubeInvalidError, false],
    [403, { message: ENDING, reason: "Forbidden" }, KubeConflictError, true],
    [404, { message: "not found", details: { name: "turin" } }, KubeNotFoundError, true],
    [404, { message: "the server could not find the requested resource", details: {} }, KubeKindMissingError, false],
    [404, { message: "404 page not found" }, KubeKindMissingError, false],
    [409, { message: "the object has been modified", reason: "Conflict" }, KubeConflictError, true],
    [410, { message: "too old resource version", reason: "Expired" }, KubeExpiredError, true],
    [422, { message: "spec.foreignAuthUrl in body should match", reason: "Invalid" }, KubeInvalidError, false],
    [500, { message: "failed calling webhook: connection refused" }, KubeUnavailableError, true],
    [429, { message: "too many requests" }, KubeUnavailableError, true],
    [503, undefined, KubeUnavailableError, true],
  ])("%i %j", (status, body, type, passes) => {
    const error = errorOf(CALL, status, body);
    expect(error).toBeInstanceOf(type);
    expect(isPassing(error)).toBe(passes);
    expect(error.message).toMatch(/^Kubernetes: patch Tenant liqo-tenant-turin\/turin: .{10,}/);
    expect(error.whatToDo.length).toBeGreaterThan(20);
  });

  it("names the permission that is missing", () => {
    expect(errorOf(CALL, 403, { message: RBAC }).whatToDo).toContain(
      '"patch" on "tenants.authentication.liqo.io" in namespace liqo-tenant-turin',
    );
  });

  it("never repeats a credential", () => {
    const token = "0123456789abcdef".repeat(8);
    const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    const text = `token ${token} and Bearer ${jwt} and "token":"hunter2hunter2" and ${"Zz9".repeat(30)}=`;
    const error = errorOf(CALL, 500, { message: text });
    for (const secret of [token, jwt, "hunter2hunter2", "Zz9Zz9"]) expect(error.message).not.toContain(secret);
  });
});

describe("redaction", () => {
  it("leaves ids, addresses and sentences alone", () => {
    const text =
      "cluster d1a2b3c4-1111-4222-8333-944445555666 at https://turin.example.com:6443/apis: 403 token is not valid, ForeignCluster turin-and-a-rather-long-name-of-a-cluster";
    expect(redacted(text)).toBe(text);
  });

  it("takes out what it is told is secret, whatever it looks like", () => {
    expect(redacted("got 'pa.ss' and pa.ss", "pa.ss", null, undefined, "")).toBe("got '[hidden]' and [hidden]");
  });
});
