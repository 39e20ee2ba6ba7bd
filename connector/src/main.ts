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
    const connector = await startConnector(config, log, signal);
    // Nobody waits for this: an error that is not caught is what stops the process in good order, with exit code 1.
    connector.impossible.catch((error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
    );
    return connector;
  },
  { log },
);
