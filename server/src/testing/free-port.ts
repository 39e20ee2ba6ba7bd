export { freePort, freePorts } from "../process/free-port.js";
