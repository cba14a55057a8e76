import type { JsonRpcMessage } from "../../src/mcp/json-rpc.ts";

/** The server's side of a transport, played by a test: sees what was sent, says what it likes. */
export class ScriptedTransport {
  onmessage?: ((message: JsonRpcMessage, extra?: unknown) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  readonly sent: JsonRpcMessage[] = [];
  readonly errors: Error[] = [];
  /** Answers a message at once; undefined leaves it unanswered. */
  answer: (message: JsonRpcMessage) => object | undefined = () => undefined;
  #secret = "kept in a private field";

  constructor() {
    this.onerror = (error) => this.errors.push(error);
  }

  get sessionId(): string {
    return this.#secret;
  }

  async start(): Promise<void> {}

  async send(message: JsonRpcMessage): Promise<void> {
    this.sent.push(message);
    const result = this.answer(message);
    if (result !== undefined && message.id != null) this.say({ jsonrpc: "2.0", id: message.id, result });
  }

  async close(): Promise<void> {
    this.onclose?.();
  }

  say(message: JsonRpcMessage | readonly JsonRpcMessage[]): void {
    this.onmessage?.(message as JsonRpcMessage);
  }

  methods(): (string | undefined)[] {
    return this.sent.map(({ method }) => method);
  }
}

/** Waits until everything that is already due has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function tool(
  name: string,
  description = "does things",
): { name: string; description: string; inputSchema: { type: string } } {
  return { name, description, inputSchema: { type: "object" } };
}
