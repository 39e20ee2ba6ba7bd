import { DataDirectoryInUseError } from "@catalog/server/database/owner-file";
import { createLog } from "@catalog/server/log";
import { DemoUsageError, readArguments, USAGE } from "./arguments.js";
import { Demo, PortsTakenError } from "./demo.js";
import { printable } from "./report.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), process.cwd());
  if (options === undefined) return say(USAGE);
  const demo = new Demo(options, createLog({ name: "demo", level: "warn" }), say);
  let isEnding = false;
  const end = (exitCode: number): void => {
    if (isEnding) return; // a second signal waits for the same shutdown
    isEnding = true;
    say("Stopping …");
    void demo.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGINT", () => end(0));
  process.on("SIGTERM", () => end(0));
  process.on("SIGHUP", () => end(0));
  try {
    const { report, file } = await demo.start();
    if (!isEnding) say(`\n${printable(report, file)}`);
  } catch (error) {
    if (isEnding) return;
    process.stderr.write(`${messageOf(error)}\n`);
    end(1);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof DataDirectoryInUseError) {
    return `A demo runs in ${error.directory} already (process ${error.pid}). Stop it, or give this one another: npm run demo -- --data DIR`;
  }
  if (error instanceof PortsTakenError || error instanceof DemoUsageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

main().catch(fail);
