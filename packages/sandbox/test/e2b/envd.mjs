// The daemon of a machine, as its interface is published: runs in a process namespace that stands for the machine.
// Like the real one it is root, guests are not, and it ends the first process of a command only.
import { spawn, spawnSync } from "node:child_process";
import {
  chownSync,
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { constants } from "node:os";
import { dirname } from "node:path";

const [socketPath, uid] = process.argv.slice(2);
const processes = new Map();
const UID = Number(uid);
const SIGNALS = { 9: "killed", 11: "segmentation fault", 15: "terminated", 6: "aborted" };

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => answer(request, response, Buffer.concat(chunks)));
}).listen(socketPath);

function answer(request, response, body) {
  const url = new URL(request.url, "http://machine");
  const name = url.pathname.slice(1);
  if (name === "health") return response.writeHead(204).end();
  if (name === "files") return files(request, response, body, url.searchParams);
  if (name === "process.Process/Start") return start(request, response, JSON.parse(body.subarray(5)));
  const call = CALLS[name];
  if (call === undefined) return refuse(response, 404, "unimplemented", "no such procedure");
  return call(JSON.parse(body), response);
}

const CALLS = {
  "process.Process/SendInput": ({ process: { pid }, input }, response) => {
    const child = processes.get(pid);
    if (child === undefined || child.stdin.destroyed)
      return refuse(response, 404, "not_found", "no such process");
    // Answered when it is taken, as a write to a pipe returns.
    child.stdin.write(Buffer.from(input.stdin, "base64"), (error) => {
      if (error) refuse(response, 500, "internal", "broken pipe");
      else reply(response, {});
    });
  },
  "process.Process/CloseStdin": ({ process: { pid } }, response) => {
    const child = processes.get(pid);
    if (child === undefined) return refuse(response, 404, "not_found", "no such process");
    child.stdin.end();
    return reply(response, {});
  },
  "process.Process/SendSignal": ({ process: { pid }, signal }, response) => {
    const child = processes.get(pid);
    if (child === undefined) return refuse(response, 404, "not_found", "no such process");
    child.kill(signal === "SIGNAL_SIGKILL" ? "SIGKILL" : "SIGTERM");
    return reply(response, {});
  },
  "filesystem.Filesystem/Stat": ({ path }, response) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined) return refuse(response, 404, "not_found", "no such file");
    const type = entry.isFile()
      ? "FILE_TYPE_FILE"
      : entry.isDirectory()
        ? "FILE_TYPE_DIRECTORY"
        : entry.isSymbolicLink()
          ? "FILE_TYPE_SYMLINK"
          : "FILE_TYPE_UNSPECIFIED";
    const target = entry.isSymbolicLink() ? { symlinkTarget: readlinkSync(path) } : {};
    const size = String(entry.size);
    return reply(response, {
      entry: { name: path.split("/").pop(), type, path, size, mode: 420, ...target },
    });
  },
};

function files(request, response, body, query) {
  const path = query.get("path");
  if (request.method === "GET") {
    if (!existsSync(path)) return refuse(response, 404, "not_found", "no such file");
    response.writeHead(200, { "content-type": "application/octet-stream" });
    return createReadStream(path).pipe(response);
  }
  const boundary = /boundary=(.+)$/.exec(request.headers["content-type"])[1].replaceAll('"', "");
  const begin = body.indexOf("\r\n\r\n") + 4;
  const content = body.subarray(begin, body.lastIndexOf(`\r\n--${boundary}--`));
  try {
    const made = mkdirSync(dirname(path), { recursive: true });
    if (made !== undefined) spawnSync("/usr/bin/chown", ["-R", `${UID}:${UID}`, made]);
    writeFileSync(path, content);
    chownSync(path, UID, UID);
  } catch {
    return refuse(response, 400, "invalid_argument", "not a file");
  }
  return reply(response, [{ name: path.split("/").pop(), type: "file", path }]);
}

function start(request, response, { process: { cmd, args = [], envs = {}, cwd = "/" }, stdin }) {
  response.writeHead(200, { "content-type": "application/connect+json" });
  if (!existsSync(cwd))
    return endStream(response, { error: { code: "invalid_argument", message: "no such cwd" } });
  const user = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64")
    .toString()
    .slice(0, -1);
  const env = { PATH: "/usr/bin:/bin", HOME: `/home/${user}`, USER: user, LOGNAME: user, ...envs };
  const wrapped = ["-c", 'exec /usr/bin/nice -n 0 "${@}"', "--", cmd, ...args];
  const who = user === "root" ? {} : { uid: UID, gid: UID };
  const stdio = [stdin ? "pipe" : "ignore", "pipe", "pipe"];
  const child = spawn("/bin/sh", wrapped, { cwd, env, stdio, ...who });
  processes.set(child.pid, child);
  child.stdin?.on("error", () => undefined);
  const timeout = Number(request.headers["connect-timeout-ms"] ?? 0);
  const overdue = timeout > 0 ? setTimeout(() => child.kill("SIGKILL"), timeout) : undefined;
  send(response, { start: { pid: child.pid } });
  for (const name of ["stdout", "stderr"])
    child[name].on("data", (data) => {
      if (send(response, { data: { [name]: data.toString("base64") } })) return;
      child[name].pause();
      response.once("drain", () => child[name].resume());
    });
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.once("exit", async (code, signal) => {
    clearTimeout(overdue);
    processes.delete(child.pid);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 100))]);
    child.stdout.destroy();
    child.stderr.destroy();
    const number = constants.signals[signal];
    // A number that is 0 and a truth that is not one are left out.
    const end =
      code === null
        ? { exitCode: -1, status: `signal: ${SIGNALS[number] ?? `signal ${number}`}`, error: "ended" }
        : { ...(code === 0 ? {} : { exitCode: code }), exited: true, status: `exit status ${code}` };
    send(response, { end });
    endStream(response, {});
  });
  return undefined;
}

function send(response, event) {
  return response.write(frame(0, { event }));
}

function endStream(response, message) {
  response.end(frame(2, message));
}

function frame(flags, message) {
  const payload = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(5);
  header[0] = flags;
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

function reply(response, message) {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(message));
}

function refuse(response, status, code, message) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ code, message }));
}
