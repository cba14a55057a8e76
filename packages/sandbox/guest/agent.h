#ifndef AGENT_H
#define AGENT_H
#include "protocol.h"
#include <sys/types.h>

#define GUEST_ID 65532

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

/* files.c: the workspace, which the guest may change at any moment. All give 0 or an errno. */
int open_for_writing(const char *path, int *file);
int open_for_reading(const char *path, int *file);
#endif
