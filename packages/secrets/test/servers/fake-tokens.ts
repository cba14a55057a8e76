import { errors, type FakeReply, type FakeRequest } from "./fake-vault.ts";

interface Token {
  endsAt: number;
  readonly maxEndsAt: number;
  readonly leaseSeconds: number;
  readonly renewable: boolean;
}

interface Wrapping {
  readonly secretId: string;
  readonly creationPath: string;
}

/** Logins, tokens and wrapped secret ids. */
export class FakeTokens {
  leaseSeconds = 3600;
  maxSeconds = 86_400;
  renewable = true;
  /** What the login methods accept. */
  roleId = "role-1";
  secretIds: string[] = ["secret-id-1"];
  jwts: string[] = ["jwt-1"];
  /** Paths that a token's policy denies. */
  denied: string[] = [];
  /** Whether tokens may look themselves up. */
  selfLookup = true;
  readonly issued: string[] = [];
  readonly wrapped = new Map<string, Wrapping>();
  readonly #clock: { readonly now: number };
  readonly #tokens = new Map<string, Token>();

  constructor(clock: { readonly now: number }) {
    this.#clock = clock;
  }

  /** Makes a token; 0 seconds for one that does not run out. */
  issue(name: string, leaseSeconds = this.leaseSeconds): string {
    const { now } = this.#clock;
    const endsAt = leaseSeconds === 0 ? Number.POSITIVE_INFINITY : now + leaseSeconds * 1000;
    this.#tokens.set(name, {
      endsAt,
      maxEndsAt: now + this.maxSeconds * 1000,
      leaseSeconds,
      renewable: this.renewable,
    });
    return name;
  }

  revoke(name: string | undefined): void {
    this.#tokens.delete(name ?? "");
  }

  isGood(name: string | undefined): boolean {
    return (this.#tokens.get(name ?? "")?.endsAt ?? 0) > this.#clock.now;
  }

  denies(_token: string | undefined, path: string): boolean {
    return this.denied.some((denied) => path.startsWith(denied));
  }

  /** Calls that need no token of ours. */
  answerOpen({ method, path, body, token }: FakeRequest): FakeReply | undefined {
    if (method !== "POST") return undefined;
    switch (path) {
      case "auth/approle/login":
        return body.role_id === this.roleId && this.secretIds.includes(body.secret_id)
          ? this.#login()
          : errors(400, `invalid role or secret ID ${body.secret_id}`);
      case "auth/kubernetes/login":
      case "auth/jwt/login":
        return this.jwts.includes(body.jwt)
          ? this.#login()
          : errors(403, `permission denied for ${body.jwt}`);
      case "sys/wrapping/lookup": {
        const wrapping = this.wrapped.get(body.token);
        return wrapping === undefined
          ? errors(400, "wrapping token is not valid or does not exist")
          : { status: 200, json: { data: { creation_path: wrapping.creationPath } } };
      }
      case "sys/wrapping/unwrap": {
        const wrapping = this.wrapped.get(token ?? "");
        this.wrapped.delete(token ?? "");
        return wrapping === undefined
          ? errors(400, "wrapping token is not valid or does not exist")
          : { status: 200, json: { data: { secret_id: wrapping.secretId } } };
      }
      default:
        return undefined;
    }
  }

  answer({ path, token: name = "" }: FakeRequest): FakeReply | undefined {
    const token = this.#tokens.get(name);
    if (token === undefined) return undefined;
    switch (path) {
      case "auth/token/lookup-self":
        return this.selfLookup
          ? {
              status: 200,
              json: { data: { id: name, ttl: this.#secondsOf(token), renewable: token.renewable } },
            }
          : errors(403, "permission denied");
      case "auth/token/renew-self":
        if (!token.renewable) return errors(400, "lease is not renewable");
        token.endsAt = Math.min(this.#clock.now + token.leaseSeconds * 1000, token.maxEndsAt);
        return this.#auth(name, token);
      case "auth/token/revoke-self":
        this.#tokens.delete(name);
        return { status: 204 };
      default:
        return undefined;
    }
  }

  #login(): FakeReply {
    const name = this.issue(`hvs.token-${this.issued.length + 1}`);
    this.issued.push(name);
    return this.#auth(name, this.#tokens.get(name) as Token);
  }

  #auth(name: string, token: Token): FakeReply {
    const auth = { client_token: name, lease_duration: this.#secondsOf(token), renewable: token.renewable };
    return { status: 200, json: { auth } };
  }

  #secondsOf({ endsAt }: Token): number {
    return endsAt === Number.POSITIVE_INFINITY ? 0 : Math.floor((endsAt - this.#clock.now) / 1000);
  }
}
