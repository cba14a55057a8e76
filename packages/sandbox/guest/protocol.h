/* Frames between host and guest: length of what follows (u32), type (u8), payload; all numbers little-endian. */
#ifndef PROTOCOL_H
#define PROTOCOL_H
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 2
#define MAX_PAYLOAD 65536
/* One argument may be as long as the kernel takes; it comes in several frames. */
#define MAX_TEXT 131072
#define MAX_TEXTS 9000
#define MAX_TEXT_TOTAL (4u << 20)
#define MAX_FILTER 4096
/* Connections to the host's proxy: at once, and bytes of each that are on their way in one direction. */
#define MAX_STREAMS 64
#define STREAM_WINDOW 32768

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
  NETWORK = 14,   /* the program that carries a port to the socket of the proxy: the next command has a way to it */
  STREAM_GIVE = 15, /* u32 stream, bytes; none: the end of this direction */
  STREAM_TOOK = 16, /* u32 stream, u32 bytes of it that have been taken */
  STREAM_DROP = 17, /* u32 stream */
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
  STREAM_OPEN = 74, /* u32 stream: never one that there was before */
  STREAM_SAYS = 75, /* as STREAM_GIVE */
  STREAM_TAKEN = 76, /* as STREAM_TOOK */
  STREAM_DROPPED = 77, /* as STREAM_DROP */
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
