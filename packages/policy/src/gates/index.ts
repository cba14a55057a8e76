export {
  type AgentMessage,
  createCommunicationGate,
  type MessageCondition,
  messageRequest,
} from "./communication-gate.ts";
export { networkRequest } from "./network-request.ts";
export type { ListedEffect, ListedRule, RuleListOptions } from "./rule-list.ts";
export {
  createScheduleGate,
  type JobCondition,
  type ScheduledJob,
  scheduleRequest,
} from "./schedule-gate.ts";
