import { ResourceReader } from "../harness/resource-reader.js";

// What Liqo would be told: node e2e/dist/demo/read-resources.js localhost:6001 <clusterID>
const [address, clusterID] = process.argv.slice(2);
if (address === undefined || clusterID === undefined) {
  process.stderr.write("usage: node e2e/dist/demo/read-resources.js HOST:PORT CLUSTER_ID\n");
  process.exit(2);
}
const reader = new ResourceReader(address);
try {
  process.stdout.write(`${JSON.stringify(await reader.read(clusterID), null, 2)}\n`);
} finally {
  reader.close();
}
