/** What the agent may look into and do. A payment that comes in by webhook marks its order. */
export const orders = new Map([["A-1", { total: 40, paid: false }]]);

const text = { type: "string", maxLength: 40 };

/** The tools as the model and the gate see them. */
export const tools = [
  {
    name: "find_order",
    description: "Finds an order.",
    inputSchema: { type: "object", properties: { id: text }, required: ["id"], additionalProperties: false },
  },
  {
    name: "refund",
    description: "Refunds an order.",
    inputSchema: {
      type: "object",
      properties: { id: text, amount: { type: "number", minimum: 0 } },
      required: ["id", "amount"],
      additionalProperties: false,
    },
  },
];

/** What they do, once the gate has let a call through. */
export const effects: Readonly<Record<string, (given: Readonly<Record<string, unknown>>) => unknown>> = {
  find_order: ({ id }) => orders.get(String(id)) ?? "there is no such order",
  refund: ({ id, amount }) => `refunded ${String(amount)} for ${String(id)}`,
};
