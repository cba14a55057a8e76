import { credentialText, type VaultCredential } from "../credential.ts";
import { credentialFromFile } from "../credential-from-file.ts";
import { leaseOf } from "../internal/lease-of.ts";
import { checkedPath } from "../internal/vault-path.ts";
import type { VaultLogin } from "../vault-login.ts";

const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** How to log in with a Kubernetes service account. */
export interface KubernetesLoginOptions {
  readonly role: string;
  /** Where the method is mounted below `auth/`. Default `kubernetes`. */
  readonly mount?: string;
  /** Default the file that Kubernetes mounts and replaces, read anew at every login. */
  readonly jwt?: VaultCredential;
}

/** Logs in with the service account of a Kubernetes pod. */
export function kubernetesLogin(options: KubernetesLoginOptions): VaultLogin {
  const { role } = options;
  const jwt = options.jwt ?? credentialFromFile(SERVICE_ACCOUNT_TOKEN, { access: "mounted" });
  const path = ["auth", ...checkedPath("mount", options.mount ?? "kubernetes"), "login"];
  return {
    method: "kubernetes",
    async login(calls) {
      const body = { role, jwt: await credentialText(jwt, "service account token") };
      return leaseOf(await calls.send({ method: "POST", path, body, repeat: "always" }), "kubernetes");
    },
  };
}
