/** A stretch of a text: as it is, or a character that nobody would see. */
export interface TextPart {
  readonly text: string;
  /** Code point such as U+200B where the stretch is such a character; "+92 marks" where marks tower up. */
  readonly hidden?: string;
}

/** Control, format, private and unassigned characters and odd spaces: what can hide in a text or turn it around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u{2028}\u{2029}\u{3164}\u{FFA0}\u{115F}\u{1160}\u{2800}]/u;
/** Joins letters of some scripts, or keeps them apart: unseen as it should be. */
const JOINERS = /^[\u{200C}\u{200D}]$/u;
const SEEN_BEFORE_JOINER = /[\p{M}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}]$/u;
/** One picture of the emoji that are recommended for interchange, with the joiners and tags that it is made of (Unicode Technical Standard 51). */
const EMOJI = new RegExp("^\\p{RGI_Emoji}$", "v");

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
  for (const piece of piecesOf(text)) {
    if (isPlain(piece, plain)) {
      plain += piece;
      continue;
    }
    if (plain !== "") parts.push({ text: plain });
    plain = "";
    parts.push({ text: piece, hidden: codeOf(piece) });
  }
  if (plain !== "") parts.push({ text: plain });
  return parts;
}

/** Emoji whole, everything else character by character; a text in which nothing can hide is one piece. */
function piecesOf(text: string): readonly string[] {
  if (!UNSEEN.test(text)) return text === "" ? [] : [text];
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment).flatMap((segment) =>
    EMOJI.test(segment) ? [segment] : Array.from(segment),
  );
}

function isPlain(piece: string, before: string): boolean {
  if (!UNSEEN.test(piece) || piece === "\n" || piece === "\t" || EMOJI.test(piece)) return true;
  return JOINERS.test(piece) && SEEN_BEFORE_JOINER.test(before);
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

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
