import { describe, expect, it } from "vitest";
import { clamped, textParts } from "./plain-text.ts";

const hidden = (text: string): (string | undefined)[] =>
  textParts(text)
    .filter((part) => part.hidden !== undefined)
    .map((part) => part.hidden);

describe("texts of others", () => {
  it.each([
    ["a right-to-left override", "\u202Egnp.exe", ["U+202E"]],
    ["a zero-width space", "pay\u200Bpal", ["U+200B"]],
    ["a zero-width joiner between letters", "a\u200Db", ["U+200D"]],
    ["a joiner that joins no emoji", "\u{1F469}\u200Dpal", ["U+200D"]],
    ["a joiner of emoji that make no picture", "\u{1F34E}\u200D\u{1F680}", ["U+200D"]],
    ["tags that are no flag", "\u{1F3F4}\u{E0061}\u{E0062}", ["U+E0061", "U+E0062"]],
    ["a control character", "a\u0007b", ["U+0007"]],
    ["an invisible filler", "\u3164", ["U+3164"]],
    ["a lone surrogate", "a\uD800b", ["U+D800"]],
    ["marks that tower over other lines", `a${"\u0301".repeat(100)}b`, ["+92 marks"]],
  ])("shows %s", (_name, text, expected) => {
    expect(hidden(text)).toEqual(expected);
  });

  it.each([
    ["emoji joined with others", "\u{1F469}\u{1F3FD}\u200D\u{1F680}"],
    ["a family", "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}, all of it"],
    ["a heart on fire", "\u2764\uFE0F\u200D\u{1F525}"],
    ["the flag of Wales", "\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}"],
    ["Persian, which keeps letters apart", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"],
    ["a presentation selector", "\u2764\uFE0F"],
    ["Arabic", "\u0627\u0644\u0639\u0631\u0628\u064A\u0629"],
    ["letters with several marks", "ṩ́ ệ เรื่อง"],
    ["lines and tabs", "a\n\tb"],
    ["markup, which stays text", "<b>x</b>"],
  ])("leaves %s alone", (_name, text) => {
    expect(textParts(text)).toEqual([{ text }]);
  });

  it("keeps every character", () => {
    const text = "a\u202Eb\u200B\u{1F469}\u200D\u{1F680}c";
    expect(
      textParts(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it("cuts between what people count as characters", () => {
    expect(clamped("abc", 3)).toBeUndefined();
    expect(clamped("abcd", 3)).toBe("abc");
    expect(clamped("\u{1F469}\u200D\u{1F680}".repeat(3), 2)).toBe("\u{1F469}\u200D\u{1F680}".repeat(2));
  });

  it("cuts a pile of combining marks too", () => {
    expect(clamped(`a${"\u0301".repeat(10_000)}`, 10)?.length).toBeLessThanOrEqual(160);
  });
});
