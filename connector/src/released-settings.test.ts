import { releasedNames, releases } from "@catalog/server/testing/releases";
import { describe, expect, it } from "vitest";
import { CONNECTOR_SETTINGS } from "./config.js";

describe.each(releases())("an environment made for release %s", (version) => {
  it("is still read: every variable has its meaning and its type", () => {
    const now = Object.fromEntries(Object.values(CONNECTOR_SETTINGS).map(({ env, type }) => [env, type]));
    expect(now).toMatchObject(releasedNames(version).settings.connector);
  });
});
