/** A stretch of a text: as it is, or a character that nobody would see. */
export interface TextPart {
  readonly text: string;
  /** Code point such as U+200B where the stretch is such a character; "+92 marks" where marks tower up. */
  readonly hidden?: string;
}

/** Control, format, private and unassigned characters and odd spaces: what can hide in a text or turn it around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u{2028}\u{2029}\u{3164}\u{FFA0}\u{115F}\u{1160}\u{2800}]/u;
/** Joins emoji and letters of some scripts: unseen as it should be. */
const JOINERS = /^(?:\u{200C}|\u{200D}|\u{FE0E}|\u{FE0F}|[\u{E0020}-\u{E007F}])$/u;
const SEEN_BEFORE_JOINER =
  /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}]$/u;

/** No script puts more marks on a letter; higher towers lie over the lines around. */
const MOST_MARKS = 8;
const TOWER = new RegExp(`(?<=\\p{M}{${MOST_MARKS}})\\p{M}+`, "gu");

/** Splits a text that somebody else wrote so that its unseen characters can be shown. Line breaks and tabs stay. */
export function textParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: marks, index } of text.matchAll(TOWER)) {
    parts.push(...withoutTowers(text.slice(end, index)), { text: marks, hidden: `+${Array.from(marks).length} marks` });
    end = index + marks.length;
  }
  return [...parts, ...withoutTowers(text.slice(end))];
}

function withoutTowers(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let plain = "";
  for (const character of text) {
    if (!UNSEEN.test(character) || character === "\n" || character === "\t" || isJoining(character, plain)) {
      plain += character;
      continue;
    }
    if (plain !== "") parts.push({ text: plain });
    plain = "";
    parts.push({ text: character, hidden: codeOf(character) });
  }
  if (plain !== "") parts.push({ text: plain });
  return parts;
}

/** At most `length` characters as people count them; undefined if the text is not longer. */
export function clamped(text: string, length: number): string | undefined {
  if (text.length <= length) return undefined;
  let cut = "";
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, length * 16))) {
    if (count === length) return cut;
    cut += segment;
    count += 1;
  }
  return cut.length < text.length ? cut : undefined;
}

function isJoining(character: string, before: string): boolean {
  return JOINERS.test(character) && SEEN_BEFORE_JOINER.test(before);
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
