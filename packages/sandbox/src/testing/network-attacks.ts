import { type Attack, both, ends, says } from "./attack.ts";
import { listedHost } from "./listed-host.ts";
import { WORKS } from "./socket-probe.ts";

/** Speaks with the proxy as a program does that nobody has written for it: byte by byte. */
const ASK = `
import base64, os, re, socket, struct
PROXY = re.match(r"http://(.+)@(.+):(\\d+)$", os.environ["HTTP_PROXY"])
PORT = os.environ["PORT"]
KEY = "Proxy-Authorization: Basic " + base64.b64encode(PROXY[1].encode()).decode() + "\\r\\n"
def dial():
    s = socket.create_connection((PROXY[2], int(PROXY[3])))
    s.settimeout(10)
    return s
def rest(s):
    got = b""
    try:
        while True:
            more = s.recv(65536)
            if not more: break
            got += more
    except OSError:
        pass
    return got
def ask(line, key=KEY, more=""):
    s = dial()
    s.sendall((line + " HTTP/1.1\\r\\n" + key + more + "Connection: close\\r\\n\\r\\n").encode())
    got = rest(s).decode()
    code = re.search(r"X-Sandbox-Denied: SANDBOX_(\\S+)", got)
    return code[1] if code else got.split(" ")[1] if got else "nothing"
def tunnel(to):
    s = dial()
    s.sendall(("CONNECT " + to + " HTTP/1.1\\r\\n" + KEY + "\\r\\n").encode())
    got = b""
    while not got.endswith(b"\\r\\n\\r\\n"): got += s.recv(1)
    return s
def hello(name):
    host = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name.encode()
    all = struct.pack("!HH", 0, len(host)) + host
    body = b"\\x03\\x03" + os.urandom(32) + b"\\0" + b"\\0\\2\\x13\\x01" + b"\\1\\0" + struct.pack("!H", len(all)) + all
    body = b"\\1" + struct.pack("!I", len(body))[1:] + body
    return b"\\x16\\x03\\x01" + struct.pack("!H", len(body)) + body
`;

const python = { language: "python3", needs: "networkAllow" } as const;

/** Programs that may reach one host, and want more. */
export const networkAttacks: readonly Attack[] = [
  {
    ...python,
    title: "of the network, only what is listed is reached, and only through the proxy",
    prepare: async () => listedHost(),
    code: `${ASK}
${WORKS}
def resolves(name):
    try:
        return bool(socket.getaddrinfo(name, 80))
    except OSError:
        return False
print(ask("GET http://allowed.test:" + PORT + "/", more="Host: allowed.test:" + PORT + "\\r\\n"))
print(any([
    works(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(PORT))),
    works(socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 443)),
    works(socket.AF_INET, socket.SOCK_DGRAM, ("1.1.1.1", 53)),
    works(socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80)),
    resolves("allowed.test"), resolves("example.com"),
]))`,
    judge: both(ends("exited"), says("200\nFalse")),
  },
  {
    ...python,
    title: "what is not listed is refused, however it is written",
    prepare: async () => listedHost(),
    code: `${ASK}
for to in ["other.test:" + PORT, "allowed.test:1", "127.0.0.1:" + PORT, "0x7f.1:" + PORT, "2130706433:" + PORT,
           "[::1]:" + PORT, "[::ffff:127.0.0.1]:" + PORT, "xallowed.test:" + PORT, "allowed.test.evil.test:" + PORT, "wild.test:" + PORT]:
    print(ask("CONNECT " + to), ask("GET http://" + to + "/", more="Host: " + to + "\\r\\n"))
for to in ["allowed.test", "allowed.test:", "allowed.test:0", "allowed.test:65536", "a@allowed.test:" + PORT, "allowed.test:" + PORT + "/x",
           "http://allowed.test:" + PORT, "allowed.test%00.evil.test:" + PORT]:
    print(ask("CONNECT " + to))
for url in ["/", "*", "https://allowed.test:" + PORT + "/", "ftp://allowed.test/", "http://a@allowed.test:" + PORT + "/"]:
    print(ask("GET " + url, more="Host: allowed.test:" + PORT + "\\r\\n"))`,
    judge: both(
      ends("exited"),
      says(
        [
          ...Array<string>(10).fill("HOST_NOT_ALLOWED HOST_NOT_ALLOWED"),
          ...Array<string>(13).fill("REQUEST_MALFORMED"),
        ].join("\n"),
      ),
    ),
  },
  {
    ...python,
    title: "a listed name is one name: case, dot and alphabet do not matter",
    prepare: async () => listedHost(),
    code: `${ASK}
for host in ["ALLOWED.test", "allowed.test.", "a.wild.test", "b.a.Wild.Test."]:
    print(ask("GET http://" + host + ":" + PORT + "/", more="Host: " + host + ":" + PORT + "\\r\\n"))`,
    judge: both(ends("exited"), says("200\n200\n200\n200")),
  },
  {
    ...python,
    title: "a listed name that leads inside is refused, also by one address of many",
    prepare: async () => listedHost(),
    code: `${ASK}
for host in ["private", "metadata", "mapped", "mixed", "nowhere"]:
    print(ask("CONNECT " + host + ".inside.test:" + PORT))`,
    judge: both(ends("exited"), says(`${"ADDRESS_NOT_PUBLIC\n".repeat(4)}HOST_UNKNOWN`)),
  },
  {
    ...python,
    title: "nobody is answered without the token",
    prepare: async () => listedHost(),
    code: `${ASK}
wrong = "Proxy-Authorization: Basic " + base64.b64encode(b"sandbox:" + b"0" * 64).decode() + "\\r\\n"
for key in ["", wrong, wrong.replace("Basic", "Bearer"), "Proxy-Authorization: Basic\\r\\n"]:
    print(ask("CONNECT allowed.test:" + PORT, key=key), ask("GET http://allowed.test:" + PORT + "/", key=key, more="Host: allowed.test:" + PORT + "\\r\\n"))`,
    judge: both(ends("exited"), says("TOKEN_WRONG TOKEN_WRONG\n".repeat(4).trim())),
  },
  {
    ...python,
    title: "a tunnel carries TLS to the server it was asked for, and nothing else",
    prepare: async () => listedHost({ mustSeeNothing: true }),
    code: `${ASK}
def says(first):
    s = tunnel("allowed.test:" + PORT)
    try:
        s.sendall(first)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    return rest(s)
ALERT = b"\\x15\\x03\\x03\\0\\2\\2\\x70"
for first in [hello("other.test"), hello(""), hello("allowed.test.evil.test"), hello("127.0.0.1"),
              b"GET / HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n", b"SSH-2.0-x\\r\\n", hello("allowed.test")[:40], b"\\x16\\x03\\x01\\xff\\xff" + b"x" * 70000]:
    print(says(first) in (ALERT, b""))`,
    judge: both(ends("exited"), says("True\n".repeat(8).trim())),
  },
  {
    ...python,
    title: "a request names one host, and cannot hide another",
    prepare: async () => listedHost(),
    code: `${ASK}
URL = "http://allowed.test:" + PORT + "/"
print(ask("GET " + URL, more="Host: evil.test\\r\\n"))
print(ask("GET " + URL, more="Host: allowed.test:" + PORT + "\\r\\nHost: evil.test\\r\\n"))
print(ask("CONNECT allowed.test:" + PORT, more="Host: evil.test:" + PORT + "\\r\\n"))
print(ask("CONNECT allowed.test:" + PORT, more="Content-Length: 5\\r\\n"))
print(ask("POST " + URL, more="Host: allowed.test:" + PORT + "\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n"))
print(ask("GET " + URL, more="Host: allowed.test:" + PORT + "\\r\\nX: a\\rX-Sandbox: b\\r\\n"))`,
    judge: both(ends("exited"), says("REQUEST_MALFORMED\n".repeat(6).trim())),
  },
  {
    ...python,
    title: "bytes are counted, and end at the cap",
    prepare: async () => listedHost({ network: { maxBytes: 1_000_000 } }),
    code: `${ASK}
s = dial()
s.sendall(("GET http://allowed.test:" + PORT + "/endless HTTP/1.1\\r\\n" + KEY + "Host: allowed.test:" + PORT + "\\r\\n\\r\\n").encode())
print(500_000 < len(rest(s)) < 3_000_000, ask("CONNECT allowed.test:" + PORT))`,
    judge: both(ends("exited"), says("True NETWORK_USED_UP")),
  },
  {
    ...python,
    title: "a flood of connections is held to those that may be there at once",
    prepare: async () => listedHost({ network: { maxConnections: 4 } }),
    code: `${ASK}
held = [dial() for _ in range(30)]
for s in held:
    try: s.sendall(("CONNECT allowed.test:" + PORT + " HTTP/1.1\\r\\n" + KEY + "\\r\\n").encode())
    except OSError: pass
def answered(s):
    try: return s.recv(12) == b"HTTP/1.1 200"
    except OSError: return False
print(0 < sum(answered(s) for s in held) <= 4)`,
    judge: both(ends("exited"), says("True")),
  },
  {
    ...python,
    title: "whoever ends the forwarder has no network any more, and nothing else",
    prepare: async () => listedHost(),
    code: `${ASK}
import signal, time
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open("/proc/" + pid + "/comm") as f:
            if f.read().strip() == "forward": os.kill(int(pid), signal.SIGKILL)
    except OSError: pass
time.sleep(0.2)
try:
    dial()
    print("there")
except OSError:
    print("gone")`,
    judge: both(ends("exited"), says("gone")),
  },
];
