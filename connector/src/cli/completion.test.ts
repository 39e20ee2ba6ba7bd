import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { run } from "./testing/run.js";

const complete = async (...words: string[]): Promise<string[]> =>
  (await run(["__complete", "--", ...words])).out.split("\n").filter((line) => line !== "");

describe("completion", () => {
  it.each<[string[], string[]]>([
    [["of"], ["offers"]],
    [
      ["offers", "d"],
      ["delete", "diff"],
    ],
    [["-o", "json", "offers", "ap"], ["apply"]],
    [["search", "--so"], ["--sort"]],
    [
      ["search", "--sort", "c"],
      ["cost", "created"],
    ],
    [["--output", "y"], ["yaml"]],
    [
      ["completion", ""],
      ["bash", "fish", "zsh"],
    ],
    [["buy", "cluster", ""], []],
    [["nonsense", "x"], []],
  ])("of %j is %j", async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  it("never offers what is hidden", async () => {
    expect(await complete("")).toContain("doctor");
    expect(await complete("")).not.toContain("__complete");
  });

  it("works in bash", async () => {
    const { out } = await run(["completion", "bash"]);
    const program = "catalog() { printf '%s\\n' \"$@\"; }";
    const script = `${program}\n${out}\nCOMP_WORDS=(catalog offers ap); COMP_CWORD=2; _catalog_complete; printf '%s ' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script]);
    expect(stdout).toBe("__complete -- offers ap ");
  });

  it.each(["zsh", "fish"])("has a script for %s", async (shell) => {
    expect((await run(["completion", shell])).out).toContain("catalog __complete --");
    expect(await run(["completion", "csh"])).toMatchObject({ code: 2 });
  });
});
