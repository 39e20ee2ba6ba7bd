import "reflect-metadata";
import process from "node:process";

import { createLog } from "@catalog/server/log";
import { runProcess } from "@catalog/server/process/run-process";

import { startBroker } from "./app.js";
import { readBrokerConfig } from "./config.js";

const log = createLog({ level: "info", name: "broker" });

await runProcess(
  async (signal) => {
    const config = readBrokerConfig(process.env);
    log.level = config.logLevel;
    const broker = await startBroker(config, log, signal);
    // Nobody waits for this: an error that is not caught is what stops the process in good order, with exit code 1.
    broker.established.catch((error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
    );
    return broker;
  },
  { log },
);
