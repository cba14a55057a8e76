export {
  type BuildRevocationDocumentOptions,
  buildRevocationDocument,
  type RevocationReason,
  type RevokedItem,
} from "./build-revocation-document.ts";
export { parseRevocationDocument, type RevocationDocument } from "./revocation-document.ts";
