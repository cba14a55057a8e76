import { afterAll, beforeAll, expect, test } from "vitest";
import { type ModelServer, startModelServer } from "./main.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({
    hi: [{ calls: [{ tool: "look", arguments: { at: "me" } }] }, { says: "hello to you" }],
  });
});
afterAll(async () => server.close());

const user = { role: "user", content: "hi" };
const ask = async (messages: object[], stream = false) =>
  fetch(`${server.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "scripted", messages, stream }),
  });

test("each answer takes the next turn of what the user has said", async () => {
  const first = (await (await ask([user])).json()) as { choices: { message: { tool_calls: object[] } }[] };
  expect(first.choices).toMatchObject([
    {
      finish_reason: "tool_calls",
      message: { tool_calls: [{ function: { name: "look", arguments: '{"at":"me"}' } }] },
    },
  ]);
  const second = await (await ask([user, { role: "assistant" }, { role: "tool", content: "seen" }])).json();
  expect(second).toMatchObject({
    choices: [{ finish_reason: "stop", message: { content: "hello to you" } }],
  });
});

test("a stream carries the same in pieces", async () => {
  const chunks = async (messages: object[]) =>
    (await (await ask(messages, true)).text())
      .split("\n\n")
      .filter((line) => line.startsWith("data: {"))
      .map(
        (line) =>
          JSON.parse(line.slice(6)) as {
            choices: { delta: { content?: string; tool_calls?: { function: { arguments: string } }[] } }[];
          },
      )
      .flatMap(({ choices }) => choices);
  const called = (await chunks([user])).flatMap(({ delta }) => delta.tool_calls ?? []);
  expect(called.map(({ function: { arguments: part } }) => part).join("")).toBe('{"at":"me"}');
  expect(called.length).toBeGreaterThan(1);
  const said = await chunks([user, { role: "assistant" }]);
  expect(said.map(({ delta }) => delta.content ?? "").join("")).toBe("hello to you");
  expect(said.length).toBeGreaterThan(2);
});

test("what is not in the script is an error, not an invention", async () => {
  const response = await ask([{ role: "user", content: "something else" }]);
  expect(response.status).toBe(400);
});
