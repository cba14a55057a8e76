// A model that answers from a script, behind the chat completions format of OpenAI, so that the examples run offline.
// In earnest: the base URL and key of a real model. Nothing else changes.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One answer of the model: the tools it wants to call, or what it says. */
export type Turn =
  | { readonly calls: readonly { readonly tool: string; readonly arguments: object | string }[] }
  | { readonly says: string };

/** What the model answers to each thing that a user says: turn by turn, until the user says something else. */
export type Script = Readonly<Record<string, readonly Turn[]>>;

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly text?: string }[] | null;
}

/** A running model server. */
export interface ModelServer {
  /** What clients take as their base URL, ending in `/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a model server on a free port of this machine. Does not keep a process alive by itself. */
export async function startModelServer(script: Script): Promise<ModelServer> {
  const server = createServer((request, response) => {
    answer(script, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : "failed";
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { message } }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(script: Script, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions")
    throw new Error("only POST /v1/chat/completions is here");
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
  const { messages, model, stream } = JSON.parse(body) as {
    messages: Message[];
    model: string;
    stream?: boolean;
  };
  const turn = nextTurn(script, messages);
  const id = `chatcmpl-${messages.length}`;
  const message =
    "says" in turn
      ? { role: "assistant", content: turn.says }
      : { role: "assistant", content: null, tool_calls: toolCalls(turn, messages.length) };
  const finish_reason = "says" in turn ? "stop" : "tool_calls";
  const usage = { prompt_tokens: messages.length, completion_tokens: 1, total_tokens: messages.length + 1 };
  const common = { id, created: 0, model };
  if (stream !== true) {
    const choices = [{ index: 0, message, finish_reason }];
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ ...common, object: "chat.completion", choices, usage }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (delta: object, finish: string | null): void => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    response.write(`data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices })}\n\n`);
  };
  if ("says" in turn) {
    // Word by word, as a real one would.
    for (const piece of turn.says.split(/(?<= )/)) send({ role: "assistant", content: piece }, null);
  } else {
    for (const [index, call] of toolCalls(turn, messages.length).entries()) {
      const { name, arguments: text } = call.function;
      send({ tool_calls: [{ ...call, index, function: { name, arguments: "" } }] }, null);
      // The arguments come in two pieces: whoever parses the first one alone is wrong.
      const half = Math.ceil(text.length / 2);
      for (const part of [text.slice(0, half), text.slice(half)])
        send({ tool_calls: [{ index, function: { arguments: part } }] }, null);
    }
  }
  send({}, finish_reason);
  response.end(
    `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [], usage })}\n\ndata: [DONE]\n\n`,
  );
}

function toolCalls(turn: Exclude<Turn, { says: string }>, position: number) {
  return turn.calls.map(({ tool, arguments: given }, index) => ({
    id: `call_${position}_${index}`,
    type: "function" as const,
    function: { name: tool, arguments: typeof given === "string" ? given : JSON.stringify(given) },
  }));
}

/** The turn that the conversation has come to: counted from the last thing that the user said. */
function nextTurn(script: Script, messages: readonly Message[]): Turn {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const said = textOf(messages[last]);
  const turns = Object.hasOwn(script, said) ? script[said] : undefined;
  if (turns === undefined) throw new Error(`the script has no answer to ${JSON.stringify(said)}`);
  const spoken = messages.slice(last).filter(({ role }) => role === "assistant").length;
  return turns[spoken] ?? { says: "There is nothing more in the script." };
}

function textOf(message: Message | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
