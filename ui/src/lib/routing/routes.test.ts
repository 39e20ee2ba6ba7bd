import { expect, it } from "vitest";
import { matchRoute, type Route } from "./routes.ts";

const route = (path: string): Route => ({
  path,
  title: path,
  load: () => Promise.reject(new Error("not loaded here")),
});
const routes = ["/", "/contracts", "/contracts/:id", "/offers/:fingerprint/:offerID"].map(route);
const found = (path: string): unknown => {
  const match = matchRoute(routes, path);
  return match === undefined ? undefined : [match.route.path, match.params];
};

it("finds the route of a path and its parameters", () => {
  expect(found("/")).toEqual(["/", {}]);
  expect(found("/contracts/")).toEqual(["/contracts", {}]);
  expect(found("/contracts/01%2F2")).toEqual(["/contracts/:id", { id: "01/2" }]);
  expect(found("/offers/a/b")).toEqual(["/offers/:fingerprint/:offerID", { fingerprint: "a", offerID: "b" }]);
});

it("finds nothing for other paths", () => {
  expect(found("/contracts/a/b")).toBeUndefined();
  expect(found("/offers//b")).toBeUndefined();
});

it("takes a parameter that is no valid escape as it is", () => {
  expect(found("/contracts/%E0%A4%A")).toEqual(["/contracts/:id", { id: "%E0%A4%A" }]);
});
