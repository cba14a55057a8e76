import { eventOf, webhookFastify } from "@symbiont/adapters/fastify";
import type { Guard } from "@symbiont/core/guard";
import { createWebhookVerifier } from "@symbiont/webhook-verify";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import type { FastifyInstance } from "fastify";
import { orders } from "./orders.ts";

/** Takes in payments that the payment provider signed, and nobody else's. */
export async function receivePayments(
  app: FastifyInstance,
  secret: string,
  audit: Guard["audit"],
): Promise<void> {
  const deliveries = createWebhookVerifier(stripe, { secrets: [secret] });
  await app.register(async (scope) => {
    webhookFastify(scope, deliveries); // of this scope only: the body stays as it came
    scope.post("/webhooks/payments", async (request, reply) => {
      const { data } = eventOf(request, deliveries)?.json() as { data: { object: { order: string } } };
      const order = orders.get(data.object.order);
      if (order !== undefined) order.paid = true;
      const actor = { kind: "service", id: "stripe" } as const;
      await audit.append({ type: "webhook.accept", outcome: "success", actor });
      return reply.code(204).send();
    });
  });
}
