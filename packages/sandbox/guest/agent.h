#ifndef AGENT_H
#define AGENT_H
#include "protocol.h"
#include <sys/types.h>

#define GUEST_ID 65532
/* What leads to the host's proxy, for the agent; and where a run that may use it has that, to read. */
#define WAY_FOLDER "/way"
#define NETWORK_FOLDER "/run/sandbox"

struct pollfd;

/* channel.c: the way to the host. */
extern int channel;
void send_frame(uint8_t type, const void *payload, uint32_t length);
/* 0: done; else an errno. */
void answer(int error);
/* The host does not keep to the protocol. */
void broken(void);

/* setup.c: what PID 1 does once. */
void set_up_world(void);
int open_channel(void);
int mount_workspace(uint64_t bytes);
void add_entropy(const uint8_t *bytes, size_t length);
void write_text(const char *path, const char *text);
uint64_t read_number(const char *path, const char *name);
void power_off(const char *why);

/* run.c: one command in a world of its own. */
struct command {
  char **argv, **env;
  /* The program behind the one that leads to the proxy; the same where there is no such way. */
  char **behind;
  const uint8_t *filter;
  size_t filter_bytes;
  struct limits limits;
};
struct run {
  pid_t first;           /* of its process namespace */
  int input, output, error;
  int status, failure;   /* pipes: how it ended; why it did not begin */
};
struct report {
  int status;
  uint64_t cpu_micros;
};
int start_run(const struct command *command, struct run *run);
void kill_run(void);
/* Processes that are left. */
uint32_t end_run(struct run *run);

/* streams.c: connections of a run to the host's proxy, over the channel. */
#define POLLED_STREAMS (1 + MAX_STREAMS)
void open_network(const uint8_t *program, uint32_t length);
int has_network(void);
void close_network(void);
/* What to wait for; as many as POLLED_STREAMS. */
void poll_streams(struct pollfd *polled);
void serve_streams(const struct pollfd *polled);
void take_stream(uint8_t type, const uint8_t *payload, uint32_t length);

/* files.c: the workspace, which the guest may change at any moment. All give 0 or an errno. */
int open_for_writing(const char *path, int *file);
int open_for_reading(const char *path, int *file);
#endif
