export type { FetchDocument } from "./fetch-document.ts";
export { createRemoteCertificates, type RemoteCertificatesOptions } from "./remote-certificates.ts";
export { createRemoteJwks, type RemoteJwksOptions } from "./remote-jwks.ts";
