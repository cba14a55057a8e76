import { ApprovalError } from "../approval-error.ts";

/** What is needed of a client: `pg.Pool`, `pg.Client`, or anything of the shape. */
export interface PostgresClient {
  query(text: string, params?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;

/** Checks a table name: it is the only part of a statement that is not a parameter. @throws RangeError */
export function checkedTable(table: string): string {
  if (!TABLE.test(table))
    throw new RangeError("table must be 1 to 63 of a-z, 0-9 and _, not beginning with a digit");
  return `"${table}"`;
}

/**
 * Runs one statement and gives its rows.
 * @throws ApprovalError `APPROVAL_STORE_UNAVAILABLE`.
 */
export async function ask(
  client: PostgresClient,
  text: string,
  params?: unknown[],
): Promise<readonly unknown[]> {
  try {
    const answer: { readonly rows?: readonly unknown[] } = await client.query(text, params);
    return answer.rows ?? [];
  } catch (cause) {
    throw new ApprovalError("APPROVAL_STORE_UNAVAILABLE", "the database could not be asked", {
      cause,
      retryable: true,
    });
  }
}
