import type { NetErrorCode, NetReason } from "@symbiont/net";
import { NetError } from "@symbiont/net";
import type { GuardedFetch, GuardedResponse } from "@symbiont/net/guarded-fetch";
import { expectTypeOf, test } from "vitest";

test("codes are a closed union and reasons follow from them", () => {
  expectTypeOf<NetErrorCode>().toEqualTypeOf<
    | "NET_INVALID_ADDRESS"
    | "NET_INVALID_URL"
    | "NET_SCHEME_NOT_ALLOWED"
    | "NET_CREDENTIALS_IN_URL"
    | "NET_PORT_NOT_ALLOWED"
    | "NET_HOST_NOT_ALLOWED"
    | "NET_IP_NOT_PUBLIC"
    | "NET_DNS_FAILED"
    | "NET_DNS_NOT_PUBLIC"
    | "NET_CONNECT_FAILED"
    | "NET_PEER_MISMATCH"
    | "NET_TLS_FAILED"
    | "NET_REDIRECT_REFUSED"
    | "NET_TOO_MANY_REDIRECTS"
    | "NET_RESPONSE_INVALID"
    | "NET_CONTENT_TYPE_NOT_ALLOWED"
    | "NET_CONTENT_ENCODING_NOT_ALLOWED"
    | "NET_TOO_LARGE"
    | "NET_TIMEOUT"
    | "NET_BUSY"
    | "NET_ABORTED"
  >();
  expectTypeOf<"ip_not_public">().toExtend<NetReason>();
  expectTypeOf<"NET_TIMEOUT">().not.toExtend<NetReason>();
  expectTypeOf(new NetError("NET_TIMEOUT", "").code).toEqualTypeOf<NetErrorCode>();
});

test("a response cannot be written to", () => {
  expectTypeOf<Awaited<ReturnType<GuardedFetch>>>().toEqualTypeOf<GuardedResponse>();
  expectTypeOf<GuardedResponse["headers"]>().toEqualTypeOf<ReadonlyMap<string, string>>();
  expectTypeOf<GuardedResponse["body"]>().toEqualTypeOf<Uint8Array>();
});
