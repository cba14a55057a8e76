import type { Refusal } from "../refusal.ts";
import type { IssuerDocuments } from "./issuer-documents.ts";

/** Why documents are looked up. */
export interface LookUpOptions {
  /** A key was not found: ask again although what is known still counts. The source may decline. Default `false`. */
  readonly refresh?: boolean;
  /** Who caused it, whose look-ups of unknown issuers may be limited. Default: nobody who must be limited. */
  readonly caller?: string;
}

/** Where a verifier gets the documents of issuers. It gives the very same object for as long as nothing has changed. */
export interface DocumentSource {
  /** What is known and still counts, without waiting; undefined when it must be looked up. */
  peek(issuer: string): IssuerDocuments | undefined;
  /**
   * Looks documents up. Answers, and does not reject: `refusalOf` makes a refusal of an error.
   */
  lookUp(issuer: string, options?: LookUpOptions): Promise<IssuerDocuments | Refusal>;
}
