import type { Refusal } from "../refusal.ts";
import type { IssuerDocuments } from "./issuer-documents.ts";

/** Where a verifier gets the documents of issuers. It gives the very same object for as long as nothing has changed. */
export interface DocumentSource {
  /** What is known and still counts, without waiting; undefined when it must be looked up. */
  peek(issuer: string): IssuerDocuments | undefined;
  /**
   * Looks documents up. Answers, and does not reject: `refusalOf` makes a refusal of an error.
   * @param refresh a key was not found: ask again although what is known still counts. The source may decline.
   */
  lookUp(issuer: string, options?: { readonly refresh?: boolean }): Promise<IssuerDocuments | Refusal>;
}
