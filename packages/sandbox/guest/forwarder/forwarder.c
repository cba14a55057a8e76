/*
 * forward SOCKET PORT PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM, and leaves a process behind that carries connections to 127.0.0.1:PORT to the Unix socket SOCKET. Both
 * are inside the sandbox and have no power of their own: what may be reached is decided by whoever listens at SOCKET.
 * There is no C library in it, so that it runs in any image. build.sh puts it into the package.
 */
#include "bare.h"
#include <linux/in.h>
#include <linux/poll.h>
#include <linux/un.h>

#define CONNECTIONS 64
#define BUFFER 16384
#define DESCRIPTORS 256
#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define STREAM 1
#define NONBLOCK 04000
#define NOSIGNAL 0x4000
#define SHUT_WRITE 1
#define SIGNAL_CHILD 17

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
