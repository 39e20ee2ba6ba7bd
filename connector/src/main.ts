import "reflect-metadata";
import { createLog } from "@catalog/server/log";
import { runProcess } from "@catalog/server/process/run-process";
import { startConnector } from "./app.js";
import { readConnectorConfig } from "./config.js";

const log = createLog({ name: "connector", level: "info" });

await runProcess(
  async (signal) => {
    const config = readConnectorConfig(process.env);
    log.level = config.logLevel;
    return startConnector(config, log, signal);
  },
  { log },
);
