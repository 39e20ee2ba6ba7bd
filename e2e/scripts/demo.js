// npm run demo: one process, which npm starts without a shell between (exec), so that a signal to npm reaches it.
import "./ensure-built.js";

await import("../dist/demo/main.js");
