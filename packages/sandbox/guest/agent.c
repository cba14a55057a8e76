/* The first process of the guest: the only thing in it that the host talks to. */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct reader reader;
static struct run run = {.first = 0, .input = -1, .output = -1, .error = -1, .status = -1, .failure = -1};
static char *texts[2][MAX_TEXTS + 1];
static size_t counts[2], total_bytes;
static char *part;
static size_t part_bytes;
static _Alignas(8) uint8_t filter[MAX_FILTER];
static size_t filter_bytes;
static uint8_t input[MAX_PAYLOAD];
static size_t input_from, input_to;
static int input_ends;
static int file = -1, file_error;

/* What stands before a command that has a way to the proxy: the program that leads there, its socket, its port. */
#define NETWORK_ARGUMENTS 3
#define POLLED 5

static void take_text(const uint8_t *payload, uint32_t length) {
  if (part_bytes + length > MAX_TEXT || memchr(payload, 0, length)) broken();
  char *longer = realloc(part, part_bytes + length + 1);
  if (!longer) power_off("memory");
  part = longer;
  memcpy(part + part_bytes, payload, length);
  part_bytes += length;
  part[part_bytes] = 0;
}

static void end_text(int kind) {
  total_bytes += part_bytes + 1;
  if (counts[kind] == MAX_TEXTS || total_bytes > MAX_TEXT_TOTAL) broken();
  texts[kind][counts[kind]++] = part;
  part = NULL;
  part_bytes = 0;
}

static void forget_texts(void) {
  for (int kind = 0; kind < 2; kind += 1) {
    while (counts[kind]) free(texts[kind][--counts[kind]]);
    texts[kind][0] = NULL;
  }
  total_bytes = 0;
}

static void start(const uint8_t *payload, uint32_t length) {
  size_t before = has_network() ? NETWORK_ARGUMENTS : 0;
  struct command command = {.argv = texts[0], .behind = texts[0] + before, .env = texts[1], .filter = filter,
                            .filter_bytes = filter_bytes};
  if (length != sizeof command.limits || counts[0] <= before || run.first) broken();
  memcpy(&command.limits, payload, length);
  texts[0][counts[0]] = texts[1][counts[1]] = NULL;
  int error = start_run(&command, &run);
  forget_texts();
  if (!error && read(run.failure, &error, sizeof error) == sizeof error) {
    close(run.output), close(run.error);
    end_run(&run);
    rmdir("/sys/fs/cgroup/run");
    run.first = 0;
    run.input = -1;
  }
  if (error) close_network();
  uint32_t number = (uint32_t)error;
  if (error) send_frame(NOT_STARTED, &number, sizeof number);
  else send_frame(DONE, NULL, 0);
  input_from = input_to = 0;
  input_ends = 0;
}

static void give_input(void) {
  while (run.input >= 0 && input_from < input_to) {
    ssize_t wrote = write(run.input, input + input_from, input_to - input_from);
    if (wrote < 0 && (errno == EAGAIN || errno == EINTR)) return;
    /* Nobody reads any more: what is left is thrown away. */
    uint32_t taken = (uint32_t)(wrote < 0 ? (ssize_t)(input_to - input_from) : wrote);
    input_from += taken;
    send_frame(TAKEN, &taken, sizeof taken);
  }
  if (run.input >= 0 && input_ends) {
    close(run.input);
    run.input = -1;
  }
}

static void take_input(const uint8_t *payload, uint32_t length) {
  if (!run.first) return;
  if (length == 0) input_ends = 1;
  if (input_from == input_to) input_from = input_to = 0;
  if (input_to + length > sizeof input) {
    memmove(input, input + input_from, input_to - input_from);
    input_to -= input_from;
    input_from = 0;
    /* The host sends only what there is room for. */
    if (input_to + length > sizeof input) broken();
  }
  memcpy(input + input_to, payload, length);
  input_to += length;
  give_input();
}

static void read_file(const uint8_t *payload, uint32_t length) {
  char path[256];
  uint64_t most, total = 0;
  if (length < 9 || length - 8 >= sizeof path) broken();
  memcpy(&most, payload, 8);
  memcpy(path, payload + 8, length - 8);
  path[length - 8] = 0;
  int from, error = open_for_reading(path, &from);
  if (error) { answer(error); return; }
  static uint8_t bytes[MAX_PAYLOAD];
  for (ssize_t got; (got = read(from, bytes, sizeof bytes)) != 0;) {
    if (got < 0) error = errno;
    else if ((total += (uint64_t)got) > most) error = EFBIG;
    if (error) break;
    send_frame(FILE_DATA, bytes, (uint32_t)got);
  }
  close(from);
  answer(error);
}

static void open_file(const uint8_t *payload, uint32_t length) {
  char path[256];
  if (length == 0 || length >= sizeof path || file >= 0) broken();
  memcpy(path, payload, length);
  path[length] = 0;
  file_error = open_for_writing(path, &file);
  if (file_error) file = -1;
}

static void take_part(const uint8_t *payload, uint32_t length) {
  while (!file_error && file >= 0 && length > 0) {
    ssize_t wrote = write(file, payload, length);
    if (wrote < 0) file_error = errno;
    else {
      payload += wrote;
      length -= (uint32_t)wrote;
    }
  }
}

static void hello(const uint8_t *payload, uint32_t length) {
  if (length != 41 || payload[0] != PROTOCOL_VERSION) broken();
  uint64_t seconds;
  memcpy(&seconds, payload + 1, 8);
  struct timespec now = {.tv_sec = (time_t)seconds};
  clock_settime(CLOCK_REALTIME, &now);
  add_entropy(payload + 9, 32);
  answer(0);
}

static void take(uint8_t type, const uint8_t *payload, uint32_t length) {
  uint64_t number = 0;
  switch (type) {
    case HELLO: hello(payload, length); break;
    case SETUP:
      if (length != 8) broken();
      memcpy(&number, payload, 8);
      answer(mount_workspace(number));
      break;
    case TEXT_PART: take_text(payload, length); break;
    case ARGUMENT: take_text(payload, length); end_text(0); break;
    case VARIABLE: take_text(payload, length); end_text(1); break;
    case FILTER:
      if (length > sizeof filter || length % 8) broken();
      memcpy(filter, payload, length);
      filter_bytes = length;
      break;
    case START: start(payload, length); break;
    case INPUT: take_input(payload, length); break;
    case KILL: if (run.first) kill_run(); break;
    case FILE_OPEN: open_file(payload, length); break;
    case FILE_PART: take_part(payload, length); break;
    case FILE_CLOSE:
      if (file >= 0) close(file);
      file = -1;
      answer(file_error);
      break;
    case FILE_READ: read_file(payload, length); break;
    case NETWORK:
      if (run.first) broken();
      open_network(payload, length);
      break;
    case STREAM_GIVE: case STREAM_TOOK: case STREAM_DROP: take_stream(type, payload, length); break;
    default: broken();
  }
}

static void read_channel(void) {
  uint8_t *at, type;
  const uint8_t *payload;
  uint32_t length;
  size_t room = reader_room(&reader, &at);
  ssize_t got = read(channel, at, room);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) power_off(NULL);
  int state = reader_took(&reader, (size_t)got, &type, &payload, &length);
  if (state < 0) broken();
  if (state == 0) return;
  take(type, payload, length);
  reader_next(&reader);
}

/* Whether there may be more. */
static int pass_on(int *from, uint8_t type) {
  static uint8_t bytes[MAX_PAYLOAD];
  ssize_t got = read(*from, bytes, sizeof bytes);
  if (got < 0 && errno == EINTR) return 1;
  if (got > 0) {
    send_frame(type, bytes, (uint32_t)got);
    return 1;
  }
  close(*from);
  *from = -1;
  return 0;
}

static void finish(void) {
  struct report report = {.status = 9};
  if (read(run.status, &report, sizeof report) != sizeof report) report = (struct report){.status = 9};
  uint32_t left = end_run(&run);
  close_network();
  /* Whoever held the streams open is gone. What a survivor would write is not waited for. */
  while (left == 0 && run.output >= 0 && pass_on(&run.output, STDOUT)) continue;
  while (left == 0 && run.error >= 0 && pass_on(&run.error, STDERR)) continue;
  if (run.output >= 0) close(run.output);
  if (run.error >= 0) close(run.error);
  struct outcome outcome = {
      .is_signal = WIFSIGNALED(report.status) ? 1 : 0,
      .number = (uint8_t)(WIFSIGNALED(report.status) ? WTERMSIG(report.status) : WEXITSTATUS(report.status)),
      .survivors = left,
      .oom_kills = read_number("/sys/fs/cgroup/run/memory.events", "oom_kill"),
      .peak_bytes = read_number("/sys/fs/cgroup/run/memory.peak", NULL),
      .cpu_micros = report.cpu_micros,
  };
  rmdir("/sys/fs/cgroup/run");
  run = (struct run){.first = 0, .input = -1, .output = -1, .error = -1, .status = -1, .failure = -1};
  send_frame(ENDED, &outcome, sizeof outcome);
}

int main(void) {
  if (getpid() != 1) return 1;
  signal(SIGPIPE, SIG_IGN);
  umask(022);
  set_up_world();
  channel = open_channel();
  if (channel < 0) power_off("no channel to the host");
  uint8_t version = PROTOCOL_VERSION;
  send_frame(READY, &version, 1);
  for (;;) {
    struct pollfd fds[POLLED + POLLED_STREAMS] = {
        {.fd = channel, .events = POLLIN},
        {.fd = run.output, .events = POLLIN},
        {.fd = run.error, .events = POLLIN},
        {.fd = run.first ? run.status : -1, .events = POLLIN},
        {.fd = input_from < input_to || input_ends ? run.input : -1, .events = POLLOUT},
    };
    poll_streams(fds + POLLED);
    if (poll(fds, POLLED + POLLED_STREAMS, -1) < 0) continue;
    if (fds[0].revents) read_channel();
    else {
      if (fds[4].revents) give_input();
      if (fds[1].revents) pass_on(&run.output, STDOUT);
      if (fds[2].revents) pass_on(&run.error, STDERR);
      serve_streams(fds + POLLED);
      if (fds[3].revents) finish();
    }
  }
}
