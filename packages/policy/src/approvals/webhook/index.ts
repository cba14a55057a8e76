export type { Delivery } from "../http/receive-delivery.ts";
export {
  createWebhookNotifier,
  type SignedDelivery,
  type WebhookNotifierOptions,
} from "./webhook-notifier.ts";
export {
  createWebhookReceiver,
  type DeliveryVerifier,
  type WebhookReceiverOptions,
} from "./webhook-receiver.ts";
