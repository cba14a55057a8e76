export { approvalSchema, migrateApprovals } from "./migrate-approvals.ts";
export { PostgresApprovalStore } from "./postgres-approval-store.ts";
export type { PostgresClient } from "./postgres-client.ts";
