import { type Gate, isDenied } from "@symbiont/core";
import { effects } from "./orders.ts";

interface Message {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { name: string; arguments: string };
  }[];
  readonly tool_call_id?: string;
}

const MAX_STEPS = 10;

/** Who asks, and what. */
export interface Question {
  readonly id: string;
  readonly text: string;
  /** The caller's key: every tool call is judged as this caller's. */
  readonly credential: string;
}

/** Lets the model answer with the tools that the caller may use; gives the answer and what the tools said. */
export async function answer({ id: questionId, text, credential }: Question, gate: Gate, modelUrl: string) {
  const messages: Message[] = [{ role: "user", content: text }];
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const message = await ask(modelUrl, messages);
    if (message?.tool_calls === undefined) {
      const used = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
      return { answer: message?.content, used };
    }
    messages.push(message);
    for (const { id, function: asked } of message.tool_calls) {
      const { name: tool, arguments: given } = asked;
      const call = { id: `${questionId}.${id}`, server: "orders", tool, arguments: given, credential };
      const result = await gate.run(call, (judged) => effects[judged.tool]?.(judged.arguments));
      const content = JSON.stringify(isDenied(result) ? result.code : result.value);
      messages.push({ role: "tool", tool_call_id: id, content });
    }
  }
  return { answer: "That took too many steps." };
}

async function ask(modelUrl: string, messages: readonly Message[]): Promise<Message | undefined> {
  const body = JSON.stringify({ model: "scripted", messages });
  const response = await fetch(`${modelUrl}/chat/completions`, { method: "POST", body });
  return ((await response.json()) as { choices: { message: Message }[] }).choices[0]?.message;
}
