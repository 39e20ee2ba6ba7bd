const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Whether objects may have this name (RFC 1123 subdomain of at most `max` characters). */
export function isObjectName(text: string, max = 253): boolean {
  return text.length <= max && SUBDOMAIN.test(text);
}

/** Whether a label may have this value; an empty one may not, here. */
export function isLabelValue(text: string): boolean {
  return LABEL_VALUE.test(text);
}

/**
 * What is wrong with the names of a peer for Liqo 0.x, which makes objects, labels and namespaces of them; undefined if nothing is.
 */
export function peerNameProblem(peer: {
  readonly clusterID: string;
  readonly clusterName: string;
}): string | undefined {
  // A namespace `liqo-tenant-…` and the Secret `remote-token-<id>` carry the id.
  if (!isObjectName(peer.clusterID, 63) || !isLabelValue(peer.clusterID))
    return `its cluster id "${peer.clusterID.slice(0, 80)}" is no name that Kubernetes accepts`;
  if (!isObjectName(peer.clusterName))
    return `its cluster name "${peer.clusterName.slice(0, 80)}" is no name that Kubernetes accepts`;
  return undefined;
}
