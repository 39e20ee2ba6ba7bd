import { expect, it } from "vitest";
import type { AttentionItem } from "./documents.ts";
import { keyOf, noticesOf } from "./news.ts";

const item = (subject: string): AttentionItem => ({
  kind: "APPROVAL_WAITING",
  severity: "WARNING",
  subject,
  title: `${subject} asks to buy`,
  message: "2 × General purpose wait for your approval.",
  link: `/contracts/${subject}`,
  action: "approveContract",
  at: 1,
});

it("tells of a few things one by one, of many as a number that leads to the list", () => {
  expect(noticesOf([])).toEqual([]);
  expect(noticesOf(["a", "b", "c"].map(item)).map(({ link }) => link)).toEqual([
    "/contracts/a",
    "/contracts/b",
    "/contracts/c",
  ]);
  expect(noticesOf(["a", "b", "c", "d"].map(item))).toEqual([
    { title: "4 things need attention", message: "a asks to buy, and others.", link: "/" },
  ]);
});

it("takes an entry whose words have changed for the same, one of another kind for another", () => {
  expect(keyOf(item("a"))).toBe(keyOf({ ...item("a"), ...{ message: "in other words" } }));
  expect(keyOf({ ...item("a"), kind: "CONTRACT_EXPIRING" })).not.toBe(keyOf(item("a")));
});
