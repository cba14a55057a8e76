/*
 * wait
 *
 * Takes a command from standard input, and becomes it. It comes in records: a type (u8), a length (u32, the lowest byte
 * first), and so many bytes. What follows the last record is the command's own input. Whoever sends them is the host; the
 * program has no power but the command's.
 */
#include "bare.h"

#define ARENA (4 << 20)
#define MAX_TEXTS 16384
#define MAX_PATH 4096
#define PIECE 16384

enum { FILE_BEGINS = 'F', FILE_DATA = 'D', ARGUMENT = 'A', VARIABLE = 'V', BEGIN = 'B' };

static char arena[ARENA];
static size_t used;
static char *texts[2][MAX_TEXTS + 1];
static size_t counts[2];
/* 0: none. */
static long file;

static void take(void *to, size_t length) {
  for (uint8_t *at = to; length > 0;) {
    long got = CALL3(read, 0, at, length);
    if (is_passing(got)) continue;
    if (got <= 0) leave(got == 0 && used == 0 ? 0 : CANNOT_RUN);
    at += got;
    length -= (size_t)got;
  }
}

static void take_text(int kind, size_t length) {
  if (counts[kind] == MAX_TEXTS || length >= ARENA - used) leave(CANNOT_RUN);
  take(arena + used, length);
  arena[used + length] = 0;
  texts[kind][counts[kind]++] = arena + used;
  used += length + 1;
}

static void open_file(size_t length) {
  static char path[MAX_PATH];
  if (length == 0 || length >= MAX_PATH) leave(CANNOT_RUN);
  take(path, length);
  path[length] = 0;
  for (size_t index = 1; index < length; index += 1) {
    if (path[index] != '/') continue;
    path[index] = 0;
    long made = CALL3(mkdirat, AT_FDCWD, path, 0755);
    if (made != 0 && made != -EEXIST) leave(CANNOT_RUN);
    path[index] = '/';
  }
  if (file > 0) CALL1(close, file);
  file = CALL4(openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | CLOEXEC, 0644);
  if (file < 0) leave(CANNOT_RUN);
}

static void take_data(size_t length) {
  static uint8_t piece[PIECE];
  while (length > 0) {
    size_t some = length < PIECE ? length : PIECE;
    take(piece, some);
    length -= some;
    for (size_t at = 0; at < some;) {
      long wrote = CALL3(write, file, piece + at, some - at);
      if (is_passing(wrote)) continue;
      if (wrote <= 0) leave(CANNOT_RUN);
      at += (size_t)wrote;
    }
  }
}

__attribute__((used)) void begin(long *stack) {
  (void)stack;
  for (;;) {
    uint8_t head[5];
    take(head, sizeof head);
    size_t length = (size_t)head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    switch (head[0]) {
      case FILE_BEGINS: open_file(length); break;
      case FILE_DATA: take_data(length); break;
      case ARGUMENT: take_text(0, length); break;
      case VARIABLE: take_text(1, length); break;
      case BEGIN:
        if (length != 0 || counts[0] == 0) leave(CANNOT_RUN);
        if (file > 0) CALL1(close, file);
        execute(texts[0], texts[1]);
        break;
      default: leave(CANNOT_RUN);
    }
  }
}
