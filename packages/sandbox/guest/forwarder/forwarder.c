/*
 * forward SOCKET PORT PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM, and leaves a process behind that carries connections to 127.0.0.1:PORT to the Unix socket SOCKET. Both
 * are inside the sandbox and have no power of their own: what may be reached is decided by whoever listens at SOCKET.
 * There is no C library in it, so that it runs in any image. build.sh puts it into the package.
 */
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/poll.h>
#include <linux/un.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTIONS 64
#define BUFFER 16384
#define DESCRIPTORS 256
#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define STREAM 1
#define NONBLOCK 04000
#define CLOEXEC 02000000
#define NOSIGNAL 0x4000
#define SHUT_WRITE 1
#define SIGNAL_CHILD 17
#define CANNOT_RUN 126
#define NOT_FOUND 127

/* What came from one side and goes to the other. */
struct way {
  uint32_t start, end;
  int ended, passed_on;
  uint8_t bytes[BUFFER];
};
struct link {
  int used;
  int side[2];
  struct way from[2];
};

static struct link links[CONNECTIONS];
static struct pollfd polled[1 + 2 * CONNECTIONS];

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "no system calls for this processor"
#endif

#define CALL0(n) call(__NR_##n, 0, 0, 0, 0, 0, 0)
#define CALL1(n, a) call(__NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) call(__NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) call(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(n, a, b, c, d, e) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL6(n, a, b, c, d, e, f) call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static void leave(int code) {
  for (;;) CALL1(exit_group, code);
}

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length]) length += 1;
  return length;
}

static int listen_at(const char *port_text) {
  unsigned port = 0;
  for (const char *digit = port_text; *digit; digit += 1) port = port * 10 + (unsigned)(*digit - '0');
  struct sockaddr_in address = {.sin_family = FAMILY_INET,
                                .sin_port = (uint16_t)(port << 8 | port >> 8),
                                .sin_addr.s_addr = 0x0100007f};
  long server = CALL3(socket, FAMILY_INET, STREAM | NONBLOCK | CLOEXEC, 0);
  if (server < 0 || CALL3(bind, server, &address, sizeof address) != 0 || CALL2(listen, server, CONNECTIONS) != 0)
    leave(CANNOT_RUN);
  return (int)server;
}

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = FAMILY_UNIX};
  size_t length = length_of(path);
  if (length >= sizeof address.sun_path) return -1;
  for (size_t index = 0; index < length; index += 1) address.sun_path[index] = path[index];
  long peer = CALL3(socket, FAMILY_UNIX, STREAM | CLOEXEC, 0);
  if (peer < 0) return -1;
  if (CALL3(connect, peer, &address, sizeof address) == 0 && CALL3(fcntl, peer, F_SETFL, NONBLOCK) == 0)
    return (int)peer;
  CALL1(close, peer);
  return -1;
}

static void drop(struct link *link) {
  CALL1(close, link->side[0]);
  CALL1(close, link->side[1]);
  link->used = 0;
}

static void take(int server, const char *path, struct link *link) {
  long client = CALL4(accept4, server, 0, 0, NONBLOCK | CLOEXEC);
  if (client < 0) return;
  int peer = connect_to(path);
  if (peer < 0) {
    CALL1(close, client);
    return;
  }
  link->used = 1;
  link->side[0] = (int)client, link->side[1] = peer;
  for (int side = 0; side < 2; side += 1) {
    struct way *way = &link->from[side];
    way->start = way->end = 0;
    way->ended = way->passed_on = 0;
  }
}

static int is_passing(long result) {
  return result == -EAGAIN || result == -EINTR;
}

/* 0 when the connection has broken. */
static int carry(struct link *link, int side, int can_read, int can_write) {
  struct way *way = &link->from[side];
  if (can_read && way->start == way->end && !way->ended) {
    long count = CALL3(read, link->side[side], way->bytes, BUFFER);
    if (count < 0 && !is_passing(count)) return 0;
    way->start = 0;
    way->end = count > 0 ? (uint32_t)count : 0;
    way->ended = count == 0;
    can_write = 1;
  }
  if (can_write && way->start < way->end) {
    long count = CALL6(sendto, link->side[!side], way->bytes + way->start, way->end - way->start, NOSIGNAL, 0, 0);
    if (count < 0 && !is_passing(count)) return 0;
    if (count > 0) way->start += (uint32_t)count;
  }
  if (way->ended && way->start == way->end && !way->passed_on) {
    CALL2(shutdown, link->side[!side], SHUT_WRITE);
    way->passed_on = 1;
  }
  return 1;
}

static short wanted(const struct link *link, int side) {
  const struct way *in = &link->from[side], *out = &link->from[!side];
  short events = 0;
  if (in->start == in->end && !in->ended) events |= POLLIN;
  if (out->start < out->end) events |= POLLOUT;
  return events;
}

static void serve(int server, const char *path) {
  for (;;) {
    struct link *spare = NULL;
    for (int index = 0; index < CONNECTIONS; index += 1) {
      struct link *link = &links[index];
      if (!link->used) spare = link;
      for (int side = 0; side < 2; side += 1) {
        short events = link->used ? wanted(link, side) : 0;
        polled[1 + 2 * index + side] = (struct pollfd){.fd = events ? link->side[side] : -1, .events = events};
      }
    }
    polled[0] = (struct pollfd){.fd = spare ? server : -1, .events = POLLIN};
    long ready = CALL5(ppoll, polled, 1 + 2 * CONNECTIONS, 0, 0, 8);
    if (ready < 0 && !is_passing(ready)) leave(CANNOT_RUN);
    if (ready <= 0) continue;
    for (int index = 0; index < CONNECTIONS; index += 1) {
      struct link *link = &links[index];
      if (!link->used) continue;
      short first = polled[1 + 2 * index].revents, second = polled[2 + 2 * index].revents;
      if (!first && !second) continue;
      int broken = POLLHUP | POLLERR;
      if (!carry(link, 0, first & (POLLIN | broken), second & (POLLOUT | broken)) ||
          !carry(link, 1, second & (POLLIN | broken), first & (POLLOUT | broken)) ||
          (link->from[0].passed_on && link->from[1].passed_on))
        drop(link);
    }
    if (polled[0].revents) take(server, path, spare);
  }
}

/* As execvpe. */
static void execute(char **argv, char **env) {
  const char *name = argv[0], *path = "";
  for (const char *letter = name; *letter; letter += 1)
    if (*letter == '/') {
      long error = CALL3(execve, name, argv, env);
      leave(error == -ENOENT ? NOT_FOUND : CANNOT_RUN);
    }
  for (char **variable = env; *variable; variable += 1) {
    const char *text = *variable;
    if (text[0] == 'P' && text[1] == 'A' && text[2] == 'T' && text[3] == 'H' && text[4] == '=') path = text + 5;
  }
  int code = NOT_FOUND;
  size_t name_length = length_of(name);
  while (*path) {
    char full[4096];
    size_t length = 0;
    while (path[length] && path[length] != ':') length += 1;
    if (length + name_length + 2 < sizeof full) {
      for (size_t index = 0; index < length; index += 1) full[index] = path[index];
      full[length] = '/';
      for (size_t index = 0; index <= name_length; index += 1) full[length + 1 + index] = name[index];
      long error = CALL3(execve, full, argv, env);
      if (error != -ENOENT && error != -ENOTDIR) code = CANNOT_RUN;
    }
    path += length + (path[length] == ':');
  }
  leave(code);
}

/* Nobody's child but the first process's, so that the program never meets a child that it has not made. */
static void leave_behind(int server, const char *path) {
  long child = CALL5(clone, SIGNAL_CHILD, 0, 0, 0, 0);
  if (child < 0) leave(CANNOT_RUN);
  if (child > 0) {
    CALL4(wait4, child, 0, 0, 0);
    return;
  }
  CALL0(setsid);
  if (CALL5(clone, SIGNAL_CHILD, 0, 0, 0, 0) != 0) leave(0);
  /* The streams are the program's alone: who holds them holds up its end. */
  for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor += 1)
    if (descriptor != server) CALL1(close, descriptor);
  serve(server, path);
}

__attribute__((used)) void begin(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1), **env = argv + argc + 1;
  if (argc < 4) leave(CANNOT_RUN);
  leave_behind(listen_at(argv[2]), argv[1]);
  execute(argv + 3, env);
}

/* The compiler may call these. */
void *memset(void *to, int value, size_t count) {
  volatile uint8_t *byte = to;
  for (size_t index = 0; index < count; index += 1) byte[index] = (uint8_t)value;
  return to;
}
void *memcpy(void *to, const void *from, size_t count) {
  volatile uint8_t *target = to;
  for (size_t index = 0; index < count; index += 1) target[index] = ((const uint8_t *)from)[index];
  return to;
}
