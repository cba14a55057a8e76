#include "protocol.h"

static uint32_t length_of(const struct reader *reader) {
  const uint8_t *b = reader->bytes;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

size_t reader_room(struct reader *reader, uint8_t **at) {
  size_t want = reader->have < 4 ? 4 : 4 + (size_t)length_of(reader);
  *at = reader->bytes + reader->have;
  return want - reader->have;
}

int reader_took(struct reader *reader, size_t count, uint8_t *type, const uint8_t **payload, uint32_t *length) {
  reader->have += count;
  if (reader->have < 4) return 0;
  uint32_t total = length_of(reader);
  if (total == 0 || total > 1 + MAX_PAYLOAD) return -1;
  if (reader->have < 4 + (size_t)total) return 0;
  *type = reader->bytes[4];
  *payload = reader->bytes + 5;
  *length = total - 1;
  return 1;
}

void reader_next(struct reader *reader) { reader->have = 0; }
