/* The firmware's plain C, callable from the tests. */
#include "open_packet.h"
#include "sample_clock.h"

size_t host_encode(uint8_t *out, size_t room, uint8_t restarted, uint16_t sequence, uint32_t device_us,
                   uint16_t period_us, float acc_scale, float gyr_scale, const int16_t *counts,
                   uint8_t count) {
  open_sample_t samples[255];
  open_header_t header = {restarted, sequence, device_us, period_us, acc_scale, gyr_scale};
  for (int i = 0; i < count; i++)
    for (int axis = 0; axis < 3; axis++) {
      samples[i].acc[axis] = counts[6 * i + axis];
      samples[i].gyr[axis] = counts[6 * i + 3 + axis];
    }
  return open_encode(out, room, &header, samples, count);
}

int host_start(const uint8_t *in, size_t length, uint16_t *to) {
  open_start_t start;
  if (!open_read_start(in, length, &start)) return 0;
  to[0] = start.rate_hz;
  to[1] = start.acc_range_g;
  to[2] = start.gyr_range_dps;
  to[3] = start.samples_per_packet;
  return 1;
}

int host_haptic(const uint8_t *in, size_t length, uint16_t *to) {
  open_haptic_t haptic;
  if (!open_read_haptic(in, length, &haptic)) return 0;
  to[0] = haptic.strength;
  to[1] = haptic.on_ms;
  to[2] = haptic.times;
  to[3] = haptic.pause_ms;
  return 1;
}

size_t host_button(uint8_t *out, uint8_t kind, uint32_t device_us) { return open_button(out, kind, device_us); }
size_t host_answer(uint8_t *out, uint8_t command, uint8_t status) { return open_answer(out, command, status); }

/* Time of every find's newest sample, as the firmware would stamp it. */
void host_clock(uint16_t rate_hz, const uint16_t *counts, const uint32_t *found_us, size_t finds,
                uint32_t *newest_us, uint16_t *period_us) {
  sample_clock_t clock;
  clock_start(&clock, rate_hz);
  for (size_t i = 0; i < finds; i++) {
    clock_advance(&clock, counts[i], found_us[i]);
    newest_us[i] = clock.newest_us;
    period_us[i] = clock_period_us(&clock);
  }
}
