export { FileApprovalStore } from "./file-approval-store.ts";
