import { generateKeyPair, sha256Hex } from "@symbiont/keys";
import { encodeBase64, encodeUtf8 } from "@symbiont/kit";
import { MemoryPinStore } from "@symbiont/schemapin";
import {
  type AdmitSkillOptions,
  type McpRequest,
  SKILLS_EXTENSION,
  type SkillEntry,
  SkillScanner,
  SkillSnapshot,
  SkillsClient,
  signSkill,
} from "@symbiont/skills";
import { describe, expect, test } from "vitest";
import { SKILL_MD } from "./folders.ts";

const { privateKey: key } = generateKeyPair("ES256");
const domain = "tools.example.com";
const root = "skill://acme/demo-skill";
const uri = `${root}/SKILL.md`;
const plain: readonly SkillEntry[] = [
  { path: "SKILL.md", bytes: encodeUtf8(SKILL_MD) },
  { path: "scripts/run it.sh", bytes: encodeUtf8("#!/bin/sh\n"), executable: true },
];
const signature = signSkill(new SkillSnapshot("demo-skill", plain), { key, domain });
const signed = [...plain, { path: ".schemapin.sig", bytes: encodeUtf8(signature) }];

const uriOf = (path: string): string => `${root}/${path.split("/").map(encodeURIComponent).join("/")}`;

function entryOf(entries: readonly SkillEntry[], more: object = {}): any {
  return {
    uri,
    frontmatter: { name: "demo-skill", description: "Formats a table." },
    resources: entries.map(({ path, bytes }) => ({
      uri: uriOf(path),
      digest: `sha256:${sha256Hex(bytes)}`,
      size: bytes.length,
    })),
    ...more,
  };
}

/** A server in a function; `answers` stands in for single methods. */
function serverOf(entries: readonly SkillEntry[], answers: Record<string, unknown> = {}): McpRequest {
  return async ({ method, params }) => {
    const answer = answers[method];
    if (answer !== undefined) return typeof answer === "function" ? answer(params) : answer;
    if (method === "skills/list") return { skills: [entryOf(entries)] };
    if (method === "skills/get") return { skill: entryOf(entries) };
    const found = entries.find(({ path }) => uriOf(path) === params["uri"]);
    if (found === undefined) throw new Error("unknown");
    const isText = found.path.endsWith(".md");
    const content = isText
      ? { text: new TextDecoder().decode(found.bytes) }
      : { blob: encodeBase64(found.bytes) };
    return { contents: [{ uri: params["uri"], ...content }] };
  };
}

function clientOf(request: McpRequest, timeoutMs = 5_000): SkillsClient {
  return new SkillsClient({
    server: "files",
    request,
    capabilities: { extensions: { [SKILLS_EXTENSION]: {} } },
    timeoutMs,
  });
}

function terms(more: Partial<AdmitSkillOptions> = {}): Omit<AdmitSkillOptions, "id"> {
  return {
    mode: "strict",
    domain,
    discovery: { schema_version: "1.4", public_key_pem: key.publicKey.toPem() },
    pins: new MemoryPinStore(),
    scanner: new SkillScanner(),
    firstUse: "trust",
    env: {},
    ...more,
  };
}

describe("a skill on a server", () => {
  test("is listed, fetched, verified and loaded like one in a folder", async () => {
    const pins = new MemoryPinStore();
    const client = clientOf(serverOf(signed));
    const { skills, refused } = await client.list();
    expect(refused).toEqual([]);
    const [skill] = skills;
    if (skill === undefined) throw new Error("not listed");
    const loaded = await client.load(skill, terms({ pins }));
    expect(loaded).toMatchObject({ status: "loaded", name: "demo-skill", signature: { domain } });
    expect((await pins.list()).map(({ id }) => id.subject)).toEqual([JSON.stringify(["files", uri])]);
  });

  test("that is not signed is rejected in strict mode", async () => {
    const client = clientOf(serverOf(plain));
    expect(await client.load(await client.get(uri), terms())).toMatchObject({
      status: "rejected",
      reasons: [{ code: "SCHEMAPIN_SIGNATURE_MISSING" }],
    });
  });

  test("is found page by page", async () => {
    const pages = { a: { skills: [entryOf(plain)], nextCursor: "b" }, b: { skills: [entryOf(signed)] } };
    const list = ({ cursor = "a" }: { cursor?: "a" | "b" }): unknown => pages[cursor];
    const { skills } = await clientOf(serverOf(plain, { "skills/list": list })).list();
    expect(skills.map(({ files }) => files.length)).toEqual([2, 3]);
  });
});

describe("what a server says is refused", () => {
  const file = { uri, digest: `sha256:${"0".repeat(64)}`, size: 1 };
  test.each([
    ["no object", 1],
    ["no address", entryOf(plain, { uri: "skill://a/b.md" })],
    ["an address with a query", entryOf(plain, { uri: `${uri}?x/SKILL.md` })],
    ["another name than its folder", entryOf(plain, { frontmatter: { name: "other", description: "d" } })],
    ["content that changes", entryOf(plain, { resources: "dynamic" })],
    ["no files", entryOf(plain, { resources: undefined })],
    ["too many files", entryOf(plain, { resources: Array.from({ length: 513 }, () => file) })],
    ["too much", entryOf(plain, { resources: [{ ...file, size: (16 << 20) + 1 }] })],
    ["a file twice", entryOf(plain, { resources: [file, file] })],
    ["no SKILL.md", entryOf(plain, { resources: [{ ...file, uri: uriOf("a.md") }] })],
    [
      "a file of another skill",
      entryOf(plain, { resources: [file, { ...file, uri: "skill://acme/x/a.md" }] }),
    ],
    ["an escaped slash", entryOf(plain, { resources: [file, { ...file, uri: `${root}/a%2fb` }] })],
    ["an escape that is none", entryOf(plain, { resources: [file, { ...file, uri: `${root}/a%zz` }] })],
    ["a malformed digest", entryOf(plain, { resources: [{ ...file, digest: "sha256:00" }] })],
  ])("%s", async (_, skill) => {
    const client = clientOf(serverOf(plain, { "skills/get": { skill }, "skills/list": { skills: [skill] } }));
    await expect(client.get(uri)).rejects.toMatchObject({ code: "SKILL_REMOTE_INVALID" });
    expect(await client.list()).toMatchObject({ skills: [], refused: [{ code: "SKILL_REMOTE_INVALID" }] });
  });

  test.each([
    ["another byte", { contents: [{ uri, text: `${SKILL_MD}x` }] }],
    ["another file", { contents: [{ uri: `${root}/x`, text: SKILL_MD }] }],
    [
      "two files",
      {
        contents: [
          { uri, text: SKILL_MD },
          { uri, text: SKILL_MD },
        ],
      },
    ],
    ["nothing", { contents: [] }],
    ["no base64", { contents: [{ uri, blob: "*" }] }],
  ])("%s in the place of a file", async (_, answer) => {
    const client = clientOf(serverOf(plain, { "resources/read": answer }));
    const skill = await client.load(await client.get(uri), terms());
    expect(skill).toMatchObject({ status: "rejected", reasons: [{ code: "SKILL_REMOTE_INVALID" }] });
  });

  test("a description that is not that of the file", async () => {
    const skill = entryOf(plain, { frontmatter: { name: "demo-skill", description: "Something else." } });
    const client = clientOf(serverOf(plain, { "skills/get": { skill } }));
    await expect(client.read(await client.get(uri))).rejects.toMatchObject({ code: "SKILL_REMOTE_INVALID" });
  });

  test("another skill than was asked for", async () => {
    await expect(clientOf(serverOf(plain)).get("skill://acme/x/SKILL.md")).rejects.toMatchObject({
      code: "SKILL_REMOTE_INVALID",
    });
  });

  test("names that lead out of the skill, or are one on many machines", async () => {
    for (const paths of [
      ["SKILL.md", "../x"],
      ["SKILL.md", "skill.md"],
      ["SKILL.md", "a\\b"],
    ]) {
      const entries = paths.map((path) => ({ path, bytes: encodeUtf8(SKILL_MD) }));
      const client = clientOf(serverOf(entries));
      const skill = await client.load(await client.get(uri), terms({ mode: "permissive" }));
      expect(skill).toMatchObject({ status: "rejected", reasons: [{ code: "SKILL_UNSAFE_ENTRY" }, {}] });
    }
  });

  test("pages without end", async () => {
    const list = { skills: [], nextCursor: "x" };
    await expect(clientOf(serverOf(plain, { "skills/list": list })).list()).rejects.toMatchObject({
      code: "SKILL_REMOTE_INVALID",
    });
  });
});

test("a server that fails or hangs is unavailable, and the skill rejected", async () => {
  const failing = clientOf(async () => Promise.reject(new Error("down")));
  await expect(failing.list()).rejects.toMatchObject({ code: "SKILL_REMOTE_UNAVAILABLE", retryable: true });
  const hanging = clientOf(async () => new Promise(() => {}), 20);
  await expect(hanging.get(uri)).rejects.toMatchObject({ code: "SKILL_REMOTE_UNAVAILABLE" });
  const entry = await clientOf(serverOf(plain)).get(uri);
  expect(await hanging.load(entry, terms())).toMatchObject({
    status: "rejected",
    reasons: [{ code: "SKILL_REMOTE_UNAVAILABLE" }],
  });
});

test("a server without the extension is not asked", () => {
  const request = serverOf(plain);
  expect(() => new SkillsClient({ server: "files", request, capabilities: {} })).toThrow(
    expect.objectContaining({ code: "SKILL_REMOTE_UNAVAILABLE" }),
  );
});
