/** Header lines in order, names in any case. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** The request must not go on; this is the whole response. */
export interface Refusal {
  readonly allowed: false;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Words a refusal as `application/problem+json`. @see RFC 9457 */
export function problem(status: number, title: string): Refusal {
  return {
    allowed: false,
    status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store" },
    body: JSON.stringify({ type: "about:blank", title, status }),
  };
}
