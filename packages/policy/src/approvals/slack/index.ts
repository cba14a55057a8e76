export type { Delivery } from "../http/receive-delivery.ts";
export { createSlackNotifier, type SlackNotifierOptions } from "./slack-notifier.ts";
export { createSlackReceiver, type SlackReceiverOptions, type SlackVerifier } from "./slack-receiver.ts";
