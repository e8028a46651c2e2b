/* The open profile's messages in plain C: no Arduino, no allocation, any byte order of the host.
   The layout is in ../../gatt.md; a test compares these bytes with the Python encoder's. */
#ifndef OPEN_PACKET_H
#define OPEN_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OPEN_VERSION 1u
#define OPEN_MAX_SAMPLES 13u
#define OPEN_HEADER_BYTES 18u
#define OPEN_SAMPLE_BYTES 12u
#define OPEN_MAX_BYTES (OPEN_HEADER_BYTES + OPEN_MAX_SAMPLES * OPEN_SAMPLE_BYTES)
#define OPEN_FLAG_RESTARTED 0x01u

#define OPEN_START 0x01u
#define OPEN_STOP 0x02u
#define OPEN_EVENT_BUTTON 0x01u
#define OPEN_EVENT_ANSWER 0x02u
#define OPEN_PRESS 1u
#define OPEN_HOLD 2u
#define OPEN_DONE 0u
#define OPEN_UNKNOWN_COMMAND 1u
#define OPEN_NOT_SUPPORTED 2u
#define OPEN_NO_SENSOR 3u

typedef struct {
  int16_t acc[3]; /* counts */
  int16_t gyr[3];
} open_sample_t;

typedef struct {
  uint8_t restarted;  /* 1 in the first packet after a start command */
  uint16_t sequence;  /* number of the first sample */
  uint32_t device_us; /* time of the first sample */
  uint16_t period_us;
  float acc_scale; /* m/s2 per count */
  float gyr_scale; /* rad/s per count */
} open_header_t;

typedef struct {
  uint16_t rate_hz;
  uint8_t acc_range_g;
  uint16_t gyr_range_dps;
  uint8_t samples_per_packet;
} open_start_t;

typedef struct {
  uint8_t strength;
  uint16_t on_ms;
  uint8_t times;
  uint16_t pause_ms;
} open_haptic_t;

static inline void open_put16(uint8_t *out, uint16_t value) {
  out[0] = (uint8_t)(value & 0xFFu);
  out[1] = (uint8_t)(value >> 8);
}

static inline void open_put32(uint8_t *out, uint32_t value) {
  open_put16(out, (uint16_t)(value & 0xFFFFu));
  open_put16(out + 2, (uint16_t)(value >> 16));
}

static inline void open_put_float(uint8_t *out, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  open_put32(out, bits);
}

static inline uint16_t open_get16(const uint8_t *in) { return (uint16_t)(in[0] | (uint16_t)in[1] << 8); }

/* Writes one data notification; returns its length, 0 if there is nothing to send or no room. */
static inline size_t open_encode(uint8_t *out, size_t room, const open_header_t *header,
                                 const open_sample_t *samples, uint8_t count) {
  size_t length = OPEN_HEADER_BYTES + (size_t)count * OPEN_SAMPLE_BYTES;
  if (count < 1 || count > OPEN_MAX_SAMPLES || room < length) return 0;
  out[0] = (uint8_t)(OPEN_VERSION << 4 | (header->restarted ? OPEN_FLAG_RESTARTED : 0u));
  out[1] = count;
  open_put16(out + 2, header->sequence);
  open_put32(out + 4, header->device_us);
  open_put16(out + 8, header->period_us);
  open_put_float(out + 10, header->acc_scale);
  open_put_float(out + 14, header->gyr_scale);
  uint8_t *at = out + OPEN_HEADER_BYTES;
  for (uint8_t i = 0; i < count; i++) {
    for (int axis = 0; axis < 3; axis++) {
      open_put16(at + 2 * axis, (uint16_t)samples[i].acc[axis]);
      open_put16(at + 6 + 2 * axis, (uint16_t)samples[i].gyr[axis]);
    }
    at += OPEN_SAMPLE_BYTES;
  }
  return length;
}

/* Each reader returns 1 and fills `to` if the bytes are such a message, else 0. */
static inline int open_read_start(const uint8_t *in, size_t length, open_start_t *to) {
  if (length != 7 || in[0] != OPEN_START) return 0;
  to->rate_hz = open_get16(in + 1);
  to->acc_range_g = in[3];
  to->gyr_range_dps = open_get16(in + 4);
  to->samples_per_packet = in[6];
  return 1;
}

static inline int open_read_haptic(const uint8_t *in, size_t length, open_haptic_t *to) {
  if (length != 6) return 0;
  to->strength = in[0];
  to->on_ms = open_get16(in + 1);
  to->times = in[3];
  to->pause_ms = open_get16(in + 4);
  return 1;
}

static inline size_t open_button(uint8_t *out, uint8_t kind, uint32_t device_us) {
  out[0] = OPEN_EVENT_BUTTON;
  out[1] = kind;
  open_put32(out + 2, device_us);
  return 6;
}

static inline size_t open_answer(uint8_t *out, uint8_t command, uint8_t status) {
  out[0] = OPEN_EVENT_ANSWER;
  out[1] = command;
  out[2] = status;
  return 3;
}

#endif
