/** What a model of the AI SDK answers, in versions 6 and 7. */
export const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 10, text: 10, reasoning: 0 },
};
export const finishReason = { unified: "stop", raw: "stop" } as const;
export const streamParts = [
  { type: "stream-start", warnings: [] },
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "Hello" },
  { type: "text-delta", id: "1", delta: ", world" },
  { type: "text-end", id: "1" },
  { type: "finish", usage, finishReason },
] as const;
