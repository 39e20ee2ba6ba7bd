import { Agent, request } from "node:https";
import { base64, textAt } from "../../rig/kube-object.js";
import type { IdentityAnswer } from "./auth-service.js";
import type { ClusterIdentity } from "./kinds.js";

/** A provider's authentication service refused; its message holds the token that it was given, as Liqo's does. */
export class IdentityRefusedError extends Error {
  override readonly name = "IdentityRefusedError";
}

/** Asks a provider for an identity. Throws {@link IdentityRefusedError}, or what the network says. */
export function askIdentity(
  authUrl: string,
  own: ClusterIdentity,
  token: string,
  signingRequest: string,
): Promise<IdentityAnswer> {
  const body = JSON.stringify({
    cluster: own,
    destinationClusterToken: token,
    certificateSigningRequest: base64(signingRequest),
  });
  return new Promise((resolve, reject) => {
    const call = request(
      `${authUrl}/identity/certificate`,
      {
        method: "POST",
        agent: new Agent({ rejectUnauthorized: false }),
        headers: { "content-type": "application/json" },
        timeout: 5_000,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.on("end", () => {
          const answer: unknown = JSON.parse(text);
          if (response.statusCode === 201) resolve(answer as IdentityAnswer);
          else reject(new IdentityRefusedError(`${response.statusCode}: ${textAt(answer, "message") ?? text}`));
        });
      },
    );
    call.once("timeout", () => call.destroy(new Error(`no answer from ${authUrl}`)));
    call.once("error", reject);
    call.end(body);
  });
}
