export { type ApprovalRouterOptions, createApprovalRouter } from "./approval-router.ts";
