#include "agent.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int channel = -1;

static void write_all(const void *bytes, size_t length) {
  for (const uint8_t *at = bytes; length > 0;) {
    ssize_t wrote = write(channel, at, length);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) power_off("channel");
    at += wrote;
    length -= (size_t)wrote;
  }
}

void send_frame(uint8_t type, const void *payload, uint32_t length) {
  static uint8_t frame[5 + MAX_PAYLOAD];
  uint32_t total = length + 1;
  memcpy(frame, &total, 4);
  frame[4] = type;
  if (length) memcpy(frame + 5, payload, length);
  write_all(frame, 5 + (size_t)length);
}

void answer(int error) {
  uint32_t number = (uint32_t)error;
  if (error) send_frame(REFUSED, &number, sizeof number);
  else send_frame(DONE, NULL, 0);
}

void broken(void) {
  errno = EPROTO;
  power_off("protocol");
}
