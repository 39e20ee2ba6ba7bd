import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictText } from "./strict-json.js";

describe("strict JSON", () => {
  it("reads every object that has no trap as JSON.parse does", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true });
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\\u0000|\\ud[89a-f]|__proto__/i.test(text));
        expect(parseStrictText(text, "it")).toEqual(JSON.parse(text));
      }),
    );
  });

  it("tells a value from a name and a bracket in a string from a bracket", () => {
    const text = '{"a":"a","b":"{\\"a\\":1,\\"a\\":2}","c":["a","a",{"a":":"}],"d":{"a":1}}';
    expect(parseStrictText(text, "it")).toEqual(JSON.parse(text));
  });
});
