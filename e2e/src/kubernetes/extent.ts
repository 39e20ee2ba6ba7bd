/** Whether everything is run (`npm run test:kube:all`, or a file that was named), and not only what a change must pass. */
export const isWhole = process.env["CATALOG_TEST_KUBE"] === "all";
