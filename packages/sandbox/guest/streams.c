/*
 * A run's way to the host's proxy: a socket in its file system, whose connections are numbered and carried over the
 * channel. Of each, at most STREAM_WINDOW bytes are on their way in either direction; who sends waits for room.
 */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PROXY WAY_FOLDER "/proxy"
#define FORWARDER WAY_FOLDER "/forward"

struct stream {
  uint32_t number;     /* 0: there is none */
  int peer;
  uint32_t credit;     /* bytes that the host takes now */
  uint32_t start, end; /* what the host has given and the guest has not taken */
  int guest_ended, host_ended, passed_on;
  uint8_t bytes[STREAM_WINDOW];
};

static struct stream streams[MAX_STREAMS];
static int server = -1;
static uint32_t last_number;

int has_network(void) { return server >= 0; }

void open_network(const uint8_t *program, uint32_t length) {
  if (server >= 0 || length == 0) broken();
  int file = open(FORWARDER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
  if (file < 0 || write(file, program, length) != (ssize_t)length || fchmod(file, 0555) != 0) power_off(FORWARDER);
  close(file);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = PROXY};
  server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof address) != 0 || chmod(PROXY, 0600) != 0 ||
      chown(PROXY, GUEST_ID, GUEST_ID) != 0 || listen(server, MAX_STREAMS) != 0)
    power_off(PROXY);
}

static void forget(struct stream *stream) {
  close(stream->peer);
  stream->number = 0;
}

void close_network(void) {
  if (server < 0) return;
  for (struct stream *stream = streams; stream < streams + MAX_STREAMS; stream += 1)
    if (stream->number) forget(stream);
  close(server);
  server = -1;
  unlink(PROXY);
  unlink(FORWARDER);
}

static void send_numbers(uint8_t type, const struct stream *stream, uint32_t number) {
  uint32_t numbers[] = {stream->number, number};
  send_frame(type, numbers, type == STREAM_TAKEN ? 8 : 4);
}

static void drop(struct stream *stream) {
  send_numbers(STREAM_DROPPED, stream, 0);
  forget(stream);
}

static void accept_guest(void) {
  struct stream *stream = streams;
  while (stream < streams + MAX_STREAMS && stream->number) stream += 1;
  if (stream == streams + MAX_STREAMS) return;
  int peer = accept4(server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (peer < 0) return;
  last_number += 1;
  if (last_number == 0) power_off("streams");
  stream->number = last_number;
  stream->peer = peer;
  stream->credit = STREAM_WINDOW;
  stream->start = stream->end = 0;
  stream->guest_ended = stream->host_ended = stream->passed_on = 0;
  send_numbers(STREAM_OPEN, stream, 0);
}

static int is_passing(ssize_t result) { return result < 0 && (errno == EAGAIN || errno == EINTR); }

/* What the host has given goes to the guest. */
static void give(struct stream *stream) {
  while (stream->start < stream->end) {
    ssize_t sent = send(stream->peer, stream->bytes + stream->start, stream->end - stream->start, MSG_NOSIGNAL);
    if (is_passing(sent)) return;
    if (sent < 0) return drop(stream);
    stream->start += (uint32_t)sent;
    send_numbers(STREAM_TAKEN, stream, (uint32_t)sent);
  }
  if (stream->host_ended && !stream->passed_on) {
    shutdown(stream->peer, SHUT_WR);
    stream->passed_on = 1;
  }
  if (stream->guest_ended && stream->passed_on) forget(stream);
}

/* What the guest says goes to the host. */
static void listen_to(struct stream *stream) {
  static uint8_t frame[4 + STREAM_WINDOW];
  ssize_t got = read(stream->peer, frame + 4, stream->credit);
  if (is_passing(got)) return;
  if (got < 0) return drop(stream);
  memcpy(frame, &stream->number, 4);
  send_frame(STREAM_SAYS, frame, 4 + (uint32_t)got);
  stream->credit -= (uint32_t)got;
  if (got > 0) return;
  stream->guest_ended = 1;
  if (stream->passed_on) forget(stream);
}

static short wanted(const struct stream *stream) {
  if (!stream->number) return 0;
  short events = 0;
  if (stream->credit > 0 && !stream->guest_ended) events |= POLLIN;
  if (stream->start < stream->end) events |= POLLOUT;
  return events;
}

void poll_streams(struct pollfd *polled) {
  int has_room = 0;
  for (int index = 0; index < MAX_STREAMS; index += 1) {
    short events = server < 0 ? 0 : wanted(&streams[index]);
    if (!streams[index].number) has_room = 1;
    polled[1 + index] = (struct pollfd){.fd = events ? streams[index].peer : -1, .events = events};
  }
  polled[0] = (struct pollfd){.fd = has_room ? server : -1, .events = POLLIN};
}

void serve_streams(const struct pollfd *polled) {
  for (int index = 0; index < MAX_STREAMS; index += 1) {
    const struct pollfd *seen = &polled[1 + index];
    struct stream *stream = &streams[index];
    if (!seen->revents) continue;
    if (seen->events & POLLIN && seen->revents & (POLLIN | POLLHUP | POLLERR)) listen_to(stream);
    if (seen->events & POLLOUT && seen->revents & (POLLOUT | POLLHUP | POLLERR) && stream->number) give(stream);
  }
  if (polled[0].revents) accept_guest();
}

/* Of a stream that is not there any more, the host does not know yet. */
void take_stream(uint8_t type, const uint8_t *payload, uint32_t length) {
  uint32_t number;
  if (length < sizeof number) broken();
  memcpy(&number, payload, sizeof number);
  payload += sizeof number;
  length -= sizeof number;
  struct stream *stream = streams;
  while (stream < streams + MAX_STREAMS && (number == 0 || stream->number != number)) stream += 1;
  if (stream == streams + MAX_STREAMS) return;
  if (type == STREAM_DROP) {
    /* What it has given before still reaches the guest. */
    stream->guest_ended = stream->host_ended = 1;
    return give(stream);
  }
  if (type == STREAM_TOOK) {
    uint32_t taken;
    if (length != sizeof taken) broken();
    memcpy(&taken, payload, sizeof taken);
    if (taken > STREAM_WINDOW - stream->credit) broken();
    stream->credit += taken;
    return;
  }
  /* The host gives only what there is room for. */
  if (stream->host_ended || length > STREAM_WINDOW - (stream->end - stream->start)) broken();
  memmove(stream->bytes, stream->bytes + stream->start, stream->end - stream->start);
  stream->end -= stream->start;
  stream->start = 0;
  memcpy(stream->bytes + stream->end, payload, length);
  stream->end += length;
  if (length == 0) stream->host_ended = 1;
  give(stream);
}
