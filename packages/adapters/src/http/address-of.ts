const addresses = new WeakMap<object, string>();

/** The client's address as the guard found it; undefined when it is not known, or no guard saw the request. */
export function addressOf(request: object): string | undefined {
  return addresses.get(request);
}

/** Remembers the address of a request, without touching the request. */
export function setAddress(request: object, address: string | undefined): void {
  if (address !== undefined) addresses.set(request, address);
}
