import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the model says in one turn: it calls a tool, or ends. */
export interface Turn {
  readonly tool?: string;
  readonly input?: object;
}

/** A local server that speaks the Messages wire format and plays a model with a script. */
export async function serveModel(
  turns: readonly Turn[],
): Promise<{ readonly url: string; readonly seen: string[]; close(): void }> {
  const rest = [...turns];
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      if (
        request.method !== "POST" ||
        !request.url?.startsWith("/v1/messages") ||
        request.url.includes("count_tokens")
      ) {
        response.setHeader("content-type", "application/json").end('{"input_tokens":1}');
        return;
      }
      const { tools, stream } = JSON.parse(body) as { tools?: unknown[]; stream?: boolean };
      // Small side requests of the host (titles, topics) come without tools.
      const turn = (tools?.length ?? 0) > 0 ? rest.shift() : undefined;
      if ((tools?.length ?? 0) > 0) seen.push(body);
      const block =
        turn?.tool === undefined
          ? { type: "text", text: "done" }
          : { type: "tool_use", id: `toolu_${seen.length}`, name: turn.tool, input: turn.input ?? {} };
      const message = {
        id: `msg_${seen.length}`,
        type: "message",
        role: "assistant",
        model: "scripted",
        content: [block],
        stop_reason: turn?.tool === undefined ? "end_turn" : "tool_use",
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      };
      if (stream !== true) {
        response.setHeader("content-type", "application/json").end(JSON.stringify(message));
        return;
      }
      response.setHeader("content-type", "text/event-stream");
      const send = (type: string, data: object): void =>
        void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
      send("message_start", { message: { ...message, content: [], stop_reason: null } });
      if (block.type === "text") {
        send("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
        send("content_block_delta", { index: 0, delta: { type: "text_delta", text: "done" } });
      } else {
        send("content_block_start", { index: 0, content_block: { ...block, input: {} } });
        send("content_block_delta", {
          index: 0,
          delta: {
            type: "input_json_delta",
            partial_json: JSON.stringify((block as { input: object }).input),
          },
        });
      }
      send("content_block_stop", { index: 0 });
      send("message_delta", {
        delta: { stop_reason: message.stop_reason, stop_sequence: null },
        usage: { output_tokens: 1 },
      });
      send("message_stop", {});
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
