/* Frames between host and guest: length of what follows (u32), type (u8), payload; all numbers little-endian. */
#ifndef PROTOCOL_H
#define PROTOCOL_H
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 1
#define MAX_PAYLOAD 65536
/* One argument may be as long as the kernel takes; it comes in several frames. */
#define MAX_TEXT 131072
#define MAX_TEXTS 9000
#define MAX_TEXT_TOTAL (4u << 20)
#define MAX_FILTER 4096

enum to_guest {
  HELLO = 1,      /* u8 version, u64 seconds since 1970, 32 bytes of entropy */
  SETUP = 2,      /* u64 bytes of the workspace */
  TEXT_PART = 3,  /* a part of the next argument or variable */
  ARGUMENT = 4,   /* the last part of an argument */
  VARIABLE = 5,   /* the last part of a variable */
  FILTER = 6,     /* system call filter */
  START = 7,      /* struct limits */
  INPUT = 8,      /* bytes; none: the end */
  KILL = 9,
  FILE_OPEN = 10, /* path: write it */
  FILE_PART = 11,
  FILE_CLOSE = 12,
  FILE_READ = 13, /* u64 most bytes, path */
};

enum to_host {
  READY = 65,     /* u8 version */
  DONE = 66,      /* what was asked for is done */
  REFUSED = 67,   /* u32 errno */
  STDOUT = 68,
  STDERR = 69,
  TAKEN = 70,     /* u32 bytes of input that the guest has taken */
  ENDED = 71,     /* struct outcome */
  NOT_STARTED = 72, /* u32 errno */
  FILE_DATA = 73,
};

struct __attribute__((packed)) limits {
  uint64_t cpu_seconds, memory_bytes, processes, open_files, file_bytes, stack_bytes, tmp_bytes;
};

struct __attribute__((packed)) outcome {
  uint8_t is_signal;
  uint8_t number;
  uint32_t survivors;
  uint64_t oom_kills, peak_bytes, cpu_micros;
};

/* Takes bytes as they come, and gives whole frames. */
struct reader {
  size_t have;
  uint8_t bytes[5 + MAX_PAYLOAD];
};

/* Where the next bytes go, and how many may come; never 0. */
size_t reader_room(struct reader *reader, uint8_t **at);
/* 1: a whole frame is there; 0: not yet; -1: it is no frame. */
int reader_took(struct reader *reader, size_t count, uint8_t *type, const uint8_t **payload, uint32_t *length);
/* Makes room for the next frame. */
void reader_next(struct reader *reader);
#endif
