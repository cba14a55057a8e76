import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hashRaw } from "@node-rs/argon2";
import { type LocalKeyProvider, SecretError } from "@symbiont/secrets";
import { symbiontKeyFile } from "@symbiont/secrets/key-providers/file";
import {
  openSymbiontEnvelope,
  readSymbiontCliFile,
  readSymbiontShellStore,
  readSymbiontStore,
  type SymbiontStoreOptions,
  symbiontMasterKey,
} from "@symbiont/secrets/symbiont";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryDirectory, temporaryFile } from "./temporary-directory.ts";
import { localKey, passphrase, rawKey } from "./test-keys.ts";

afterEach(() => void vi.unstubAllEnvs());

const PASSWORD = "correct horse battery staple";

function refusal(code: string): object {
  return { name: "SecretError", code };
}

function fileWith(content: string | Uint8Array, mode = 0o600): string {
  const path = temporaryFile();
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
}

async function plainValues(
  format: SymbiontStoreOptions["format"] & string,
  text: string,
  environment: Record<string, string> = {},
): Promise<Record<string, string>> {
  const options = { keyProvider: "none", format, environment } as const;
  const secrets = await readSymbiontStore(fileWith(text), options);
  return Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.expose()]));
}

function sealed(key: Uint8Array, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** An envelope as Symbiont writes it, with some members changed. */
async function envelope(text: string, saltBytes = 32, more: object = {}): Promise<string> {
  const salt = randomBytes(saltBytes);
  const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
  // What cannot be a salt of Argon2 only has to look like an envelope.
  const key = saltBytes < 8 ? randomBytes(32) : await hashRaw(PASSWORD, { ...cost, salt });
  const bytes = sealed(key, text);
  return JSON.stringify({
    ciphertext: bytes.subarray(12).toString("base64"),
    nonce: bytes.subarray(0, 12).toString("base64"),
    salt: salt.toString("base64"),
    algorithm: "AES-256-GCM",
    kdf: "Argon2",
    ...more,
  });
}

describe("the envelope", () => {
  test("opens to bytes, as a field of a log would", async () => {
    const bytes = await openSymbiontEnvelope(await envelope("any text"), passphrase(PASSWORD));
    expect(new TextDecoder().decode(bytes)).toBe("any text");
  });

  test.each([0, 1, 2, 3, 7, 49, 64])("with a salt of %i bytes is refused", async (length) => {
    await expect(
      openSymbiontEnvelope(await envelope("x", length), passphrase(PASSWORD)),
    ).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
  });

  test.each([8, 48])("with a salt of %i bytes opens", async (length) => {
    const bytes = await openSymbiontEnvelope(await envelope("x", length), passphrase(PASSWORD));
    expect(bytes).toEqual(new TextEncoder().encode("x"));
  });

  test("members that are not known are passed over, and others must be there once", async () => {
    await openSymbiontEnvelope(await envelope("x", 32, { more: [1, 2 ** 60] }), passphrase(PASSWORD));
    const text = await envelope("x");
    for (const name of ["ciphertext", "nonce", "salt", "algorithm", "kdf"]) {
      const { [name]: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
      for (const odd of [
        JSON.stringify(rest),
        JSON.stringify({ ...rest, [name]: 1 }),
        text.replace("{", `{"${name}":"AAAA",`),
      ])
        await expect(openSymbiontEnvelope(odd, passphrase(PASSWORD))).rejects.toMatchObject(
          refusal("SECRET_FORMAT_INVALID"),
        );
    }
  });

  test("with a tag of 4 bytes is refused", async () => {
    const short = { ciphertext: Buffer.alloc(4).toString("base64") };
    await expect(
      openSymbiontEnvelope(await envelope("x", 32, short), passphrase(PASSWORD)),
    ).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
  });

  test("takes the text of a password, never the key that was decoded from it", async () => {
    const text = await envelope("x");
    await expect(openSymbiontEnvelope(text, rawKey())).rejects.toMatchObject(refusal("SECRET_KEY_INVALID"));
    for (const [material, code] of [
      [undefined, "SECRET_KEY_MISSING"],
      [{ kind: "passphrase", passphrase: "" }, "SECRET_KEY_INVALID"],
      [{ kind: "passphrase", passphrase: "\udfff" }, "SECRET_KEY_INVALID"],
    ] as const)
      await expect(
        openSymbiontEnvelope(
          text,
          localKey("k", () => material),
        ),
      ).rejects.toMatchObject(refusal(code));
  });
});

describe("values of a store", () => {
  test("JSON: what is no string becomes its compact text, numbers as Symbiont keeps them", async () => {
    const text = `{ "int": 5432, "float": 1.50, "exp": 1e3, "small": 0.0000015, "huge": 1e21, "long": 18446744073709551615,
      "longer": 18446744073709551616, "zero": -0, "on": true, "none": null, "empty": "", "constructor": "c",
      "deep": { "b": [1, 2.0, "x\\n\\u00e9"], "a": {} } }`;
    expect(await plainValues("json", text)).toEqual({
      int: "5432",
      float: "1.5",
      exp: "1000.0",
      small: "1.5e-6",
      huge: "1e21",
      long: "18446744073709551615",
      longer: "1.8446744073709552e19",
      zero: "-0.0",
      on: "true",
      none: "null",
      empty: "",
      constructor: "c",
      deep: '{"b":[1,2.0,"x\\n\u00e9"],"a":{}}',
    });
  });

  test.each(["[]", "1", '"text"', "null", "{}x", '{"a":1,"a":2}', "", "\ufeff{}"])(
    "JSON that is no object is refused: %j",
    async (text) => {
      await expect(plainValues("json", text)).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
    },
  );

  test("YAML: what is no string becomes YAML text with its newline, names that are no strings are dropped", async () => {
    const text =
      "port: 5432\nratio: 1.50\nwhole: 2.0\non: true\nnone: ~\ntext: yes\nblock: |\n  one\n  two\n3: dropped\nlist: [1, 1.0]\nmap: {a: [x]}\n";
    expect(await plainValues("yaml", text)).toEqual({
      port: "5432\n",
      ratio: "1.5\n",
      whole: "2.0\n",
      on: "true\n",
      none: "null\n",
      text: "yes",
      block: "one\ntwo\n",
      list: "- 1\n- 1.0\n",
      map: "a:\n- x\n",
    });
  });

  test.each(["- a", "a: b: c", "a: 1\na: 2", "text", "a: *nowhere"])(
    "YAML that is no mapping is refused: %j",
    async (text) => {
      await expect(plainValues("yaml", text)).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
    },
  );

  test("YAML that grows when its aliases are followed is refused", async () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level += 1)
      lines.push(
        `a${level}: &a${level} [${Array(8)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    await expect(plainValues("yaml", lines.join("\n"))).rejects.toMatchObject(
      refusal("SECRET_FORMAT_INVALID"),
    );
  });

  test("TOML: what is no string becomes TOML text", async () => {
    const text =
      'port = 5432\nratio = 1.50\nwhole = 2.0\non = true\nbig = 9223372036854775807\nday = 2026-01-02\nat = 2026-01-02T03:04:05Z\nlist = [1, "x"]\ntext = """a\nb"""\n[table]\n"a key" = { x = 1 }\nempty = {}\n';
    expect(await plainValues("toml", text)).toEqual({
      port: "5432",
      ratio: "1.5",
      whole: "2.0",
      on: "true",
      big: "9223372036854775807",
      day: "2026-01-02",
      at: "2026-01-02T03:04:05Z",
      list: '[1, "x"]',
      text: "a\nb",
      table: '{ "a key" = { x = 1 }, empty = {} }',
    });
    await expect(plainValues("toml", "a = 1\na = 2")).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
  });

  test.each(["yaml", "toml"] as const)("%s of more than 1 MiB is refused", async (format) => {
    await expect(plainValues(format, `# ${"x".repeat(1 << 20)}\n`)).rejects.toMatchObject(
      refusal("SECRET_TOO_LARGE"),
    );
  });

  test.each<[string, Record<string, string>]>([
    ["A=1\nB = 2\n  export C=3\nexport\tD=4\n", { A: "1", B: "2", C: "3", D: "4" }],
    ["A=\nB=  \nC= # nothing\nD=#5", { A: "", B: "", C: "", D: "" }],
    ["A=x#y # z\nB=x  # 'z", { A: "x#y", B: "x" }],
    ["# it's a comment\nA='b'\n", { A: "b" }],
    ["A='a b'\"c d\"e\\ f", { A: "a bc de f" }],
    ['A="x\\n\\"\\\\\\$"\nB=\'x\\n\'', { A: 'x\n"\\$', B: "x\\n" }],
    ["A=\"one\ntwo\"\nB='three\n\nfour'\n", { A: "one\ntwo", B: "three\n\nfour" }],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["A=x\nB=$A-${A}-${MISSING}-$MISSING.", { A: "x", B: "x-x--." }],
    ["A=x\nB='$A'\nC=\\$A\nD=\"${A}\"", { A: "x", B: "$A", C: "$A", D: "x" }],
    ["HOST_SET=file\nB=${HOST_SET}\nC=$HOSTB", { HOST_SET: "file", B: "environment", C: "" }],
    ["A_B=x\nC=$A_B", { A_B: "x", C: "_B" }],
    ["A=1\nA=2", { A: "2" }],
    ["dotted.key=1\n__proto__=x", { "dotted.key": "1", ["__proto__"]: "x" }],
  ])("dotenv: %j", async (text, expected) => {
    expect(await plainValues("env", text, { HOST_SET: "environment" })).toEqual(expected);
  });

  test.each(["A", "1A=x", "A=x y", "A='x", 'A="x', "A=\\x", "A=${B", "export", "=x", "A=x\\", 'A="$B"'])(
    "dotenv that cannot be read is refused: %j",
    async (text) => {
      await expect(plainValues("env", text)).rejects.toMatchObject(refusal("SECRET_FORMAT_INVALID"));
    },
  );

  test("text that is not UTF-8 is refused", async () => {
    const path = fileWith(Uint8Array.of(0x7b, 0xff, 0x7d));
    await expect(readSymbiontStore(path, { keyProvider: "none" })).rejects.toMatchObject(
      refusal("SECRET_FORMAT_INVALID"),
    );
  });
});

describe("files", () => {
  test("are refused when they are missing or others may read them", async () => {
    const keyProvider = passphrase(PASSWORD);
    await expect(readSymbiontStore(temporaryFile(), { keyProvider })).rejects.toMatchObject(
      refusal("SECRET_STORE_MISSING"),
    );
    await expect(readSymbiontShellStore(temporaryFile(), { keyProvider })).rejects.toMatchObject(
      refusal("SECRET_STORE_MISSING"),
    );
    for (const read of [
      () => readSymbiontStore(fileWith("{}", 0o640), { keyProvider: "none" }),
      () => readSymbiontShellStore(fileWith("{}", 0o604), { keyProvider }),
      () => readSymbiontCliFile(fileWith("{}", 0o664), { keyProvider }),
    ])
      await expect(read()).rejects.toMatchObject(refusal("SECRET_FILE_NOT_PRIVATE"));
  });

  test("zeroes a key that a provider hands over as bytes", async () => {
    const key = randomBytes(32);
    const given = new TextEncoder().encode(key.toString("base64"));
    const keyProvider = localKey("bytes", () => ({ kind: "passphrase", passphrase: given }));
    const secrets = await readSymbiontCliFile(fileWith(sealed(key, '{"a":"1"}')), { keyProvider });
    expect(secrets.get("a")?.expose()).toBe("1");
    expect(given.every((byte) => byte === 0)).toBe(true);
  });

  test("of the command may be readable for others, as it leaves them", async () => {
    const key = randomBytes(32);
    const path = fileWith(sealed(key, '{"a":"1"}'), 0o644);
    const secrets = await readSymbiontCliFile(path, { keyProvider: passphrase(key.toString("base64")) });
    expect(secrets.get("a")?.expose()).toBe("1");
  });

  test("encryption is never guessed, and an unknown format is refused", async () => {
    const path = fileWith("{}");
    await expect(readSymbiontStore(path, {} as never)).rejects.toThrow(TypeError);
    await expect(readSymbiontStore(path, { keyProvider: "none", format: "ini" as never })).rejects.toThrow(
      TypeError,
    );
    await expect(readSymbiontStore(path, { keyProvider: passphrase(PASSWORD) })).rejects.toMatchObject(
      refusal("SECRET_FORMAT_INVALID"),
    );
  });
});

describe("keys", () => {
  const textOf = async (provider: LocalKeyProvider): Promise<unknown> => {
    const material = await provider.load({ storeId: "0".repeat(32) });
    return material?.kind === "passphrase" ? material.passphrase : material;
  };

  test("the master key is looked for in the order of the command line, and never made", async () => {
    const home = temporaryDirectory();
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, text, { mode: 0o600 });
    };
    const state = join(home, "state");
    put(join(home, "named"), "named\n");
    put(join(state, "symbiont", "master.key"), "state\n");
    put(join(home, ".symbi", "master.key"), "home\n");
    vi.stubEnv("SYMBIONT_MASTER_KEY", " variable ");
    vi.stubEnv("SYMBIONT_MASTER_KEY_FILE", join(home, "named"));
    vi.stubEnv("XDG_STATE_HOME", state);
    vi.stubEnv("HOME", home);
    expect(await textOf(symbiontMasterKey({ keychain: passphrase("keychain") }))).toBe("keychain");
    const empty = localKey("empty", () => undefined);
    expect(await textOf(symbiontMasterKey({ keychain: empty }))).toBe(" variable ");
    vi.stubEnv("SYMBIONT_MASTER_KEY", undefined);
    expect(await textOf(symbiontMasterKey())).toBe("named");
    vi.stubEnv("SYMBIONT_MASTER_KEY_FILE", undefined);
    expect(await textOf(symbiontMasterKey())).toBe("state");
    vi.stubEnv("XDG_STATE_HOME", undefined);
    expect(await textOf(symbiontMasterKey())).toBe("home");
    vi.stubEnv("HOME", join(home, "nobody"));
    expect(await textOf(symbiontMasterKey())).toBeUndefined();
    const broken = localKey("broken", () => Promise.reject(new SecretError("SECRET_TIMED_OUT", "locked")));
    await expect(textOf(symbiontMasterKey({ keychain: broken }))).rejects.toMatchObject(
      refusal("SECRET_TIMED_OUT"),
    );
  });

  test("the shell hashes the text of its key file, not what it stands for", async () => {
    const text = randomBytes(32).toString("base64");
    const path = fileWith(sealed(createHash("sha256").update(text).digest(), '{"A":"1"}'));
    const secrets = await readSymbiontShellStore(path, {
      keyProvider: symbiontKeyFile({ path: fileWith(`${text}\n`) }),
    });
    expect(secrets.get("A")?.expose()).toBe("1");
  });
});
