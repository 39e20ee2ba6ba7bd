import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { waitFor } from "../testing/wait-for.js";

// These run the compiled program: signals and exit codes belong to a process, not to a function.
const children: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exitCode: () => Promise<unknown>;
}

function run(body: string): Run {
  const script = `
    import { runProcess } from "@catalog/server/process/run-process";
    import { ConfigInvalidError } from "@catalog/server/config";
    const say = (text) => process.stdout.write(text + "\\n");
    const hold = setInterval(() => undefined, 1000);
    ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: import.meta.dirname });
  children.push(child);
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const exit = once(child, "close");
  return { child, output: () => output, exitCode: async () => (await exit)[0] as unknown };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("runProcess", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops once on %s, whatever follows, and ends with 0", async (signal) => {
    const { child, output, exitCode } = run(`
      let release;
      process.on("SIGUSR2", () => release());
      runProcess(async () => {
        say("started");
        return { stop: () => { say("stopping"); return new Promise((resolve) => (release = resolve)); } };
      });`);
    await waitFor(() => output().includes("started"));
    child.kill(signal);
    await waitFor(() => output().includes("stopping"));
    child.kill(signal);
    child.kill("SIGTERM");
    child.kill("SIGUSR2");
    expect(await exitCode()).toBe(0);
    expect(output()).toBe("started\nstopping\n");
  });

  it("lets a start end before it stops it, and tells the start", async () => {
    const { child, output, exitCode } = run(`
      runProcess(async (signal) => {
        say("starting");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return { stop: async () => say("stopped") };
      });`);
    await waitFor(() => output().includes("starting"));
    child.kill("SIGTERM");
    expect(await exitCode()).toBe(0);
    expect(output()).toContain("stopped");
  });

  it("ends with 78 and only the message for a configuration that is not usable", async () => {
    const { output, exitCode } = run(`runProcess(async () => { throw new ConfigInvalidError(["PORT: no"]); });`);
    expect(await exitCode()).toBe(78);
    expect(output()).toBe("The configuration is not usable:\n  - PORT: no\n");
  });

  it("ends with 1 when the start fails, or stopping fails or takes too long", async () => {
    const failing = run(`runProcess(async () => { throw new Error("no port"); });`);
    expect(await failing.exitCode()).toBe(1);
    expect(failing.output()).toContain("no port");

    const stuck = run(`
      runProcess(async () => { say("started"); return { stop: () => new Promise(() => undefined) }; }, { stopLimitMs: 50 });`);
    await waitFor(() => stuck.output().includes("started"));
    stuck.child.kill("SIGTERM");
    expect(await stuck.exitCode()).toBe(1);
  });

  it("stops after an uncaught exception and goes on after a rejection", async () => {
    const { output, exitCode } = run(`
      runProcess(async () => {
        Promise.reject(new Error("nobody cares"));
        setTimeout(() => { say("still here"); throw new Error("broken"); }, 50);
        return { stop: async () => say("stopped") };
      });`);
    expect(await exitCode()).toBe(1);
    // Two streams: which of them arrives first says nothing.
    for (const text of ["nobody cares", "still here", "broken", "stopped"]) expect(output()).toContain(text);
  });
});
