/** How a user of a kubeconfig proves who it is. */
export type KubeUser = { readonly certificate: string; readonly key: string } | { readonly token: string };

/** A kubeconfig for one server and one user. JSON is YAML too. */
export function kubeconfigText(given: {
  readonly server: string;
  /** PEM */
  readonly ca: string;
  readonly user: KubeUser;
  readonly namespace?: string;
}): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const user =
    "token" in given.user
      ? { token: given.user.token }
      : { "client-certificate-data": base64(given.user.certificate), "client-key-data": base64(given.user.key) };
  const context = {
    cluster: "cluster",
    user: "user",
    ...(given.namespace === undefined ? {} : { namespace: given.namespace }),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "context",
    clusters: [{ name: "cluster", cluster: { server: given.server, "certificate-authority-data": base64(given.ca) } }],
    users: [{ name: "user", user }],
    contexts: [{ name: "context", context }],
  });
}
