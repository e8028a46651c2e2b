/* When was a sample taken? Plain C, host-testable.

   The motion sensor runs on its own oscillator, some per cent off, and is read a little late by an
   amount that varies with what the radio is doing. This loop follows it: a sample is one period
   after the one before, and the time at which it was found corrects phase and period a little, in
   both directions alike (anything lopsided makes the period drift). Stamps are late by the mean
   time it takes to find a sample. All times are microseconds of a 32-bit clock that wraps. */
#ifndef SAMPLE_CLOCK_H
#define SAMPLE_CLOCK_H

#include <stdint.h>

#define CLOCK_PHASE_DIV 16      /* with CLOCK_PERIOD_DIV critically damped: 16 * 16 * 4 */
#define CLOCK_PERIOD_DIV 1024
#define CLOCK_MOST_OFF_DIV 16   /* the period may be off by 1/16, LSM6DS3 ODR tolerance and some */

typedef struct {
  uint32_t newest_us; /* time of the newest sample */
  uint32_t fraction;  /* of a microsecond, in 1/256 */
  uint32_t period;    /* microseconds in 1/256 */
  uint32_t nominal;
  uint8_t running;
} sample_clock_t;

static inline void clock_start(sample_clock_t *clock, uint16_t rate_hz) {
  clock->nominal = clock->period = (uint32_t)(256000000u / rate_hz);
  clock->fraction = 0;
  clock->running = 0;
}

/* `count` more samples were found at `now_us`, the newest just taken. */
static inline void clock_advance(sample_clock_t *clock, uint16_t count, uint32_t now_us) {
  if (!clock->running) {
    clock->newest_us = now_us;
    clock->running = 1;
    return;
  }
  uint64_t step = (uint64_t)clock->period * count + clock->fraction;
  clock->newest_us += (uint32_t)(step >> 8);
  clock->fraction = (uint32_t)(step & 0xFFu);
  int32_t late = (int32_t)(now_us - clock->newest_us);
  clock->newest_us += (uint32_t)(late / CLOCK_PHASE_DIV);
  int32_t period = (int32_t)clock->period + late * 256 / CLOCK_PERIOD_DIV;
  int32_t most = (int32_t)(clock->nominal / CLOCK_MOST_OFF_DIV);
  if (period < (int32_t)clock->nominal - most) period = (int32_t)clock->nominal - most;
  if (period > (int32_t)clock->nominal + most) period = (int32_t)clock->nominal + most;
  clock->period = (uint32_t)period;
}

static inline uint16_t clock_period_us(const sample_clock_t *clock) {
  return (uint16_t)((clock->period + 128u) >> 8);
}

/* Time of the sample `back` before the newest. */
static inline uint32_t clock_time_us(const sample_clock_t *clock, uint16_t back) {
  return clock->newest_us - (uint32_t)(((uint64_t)clock->period * back) >> 8);
}

/* Samples that must have been taken between the newest and `now_us`. */
static inline uint32_t clock_elapsed(const sample_clock_t *clock, uint32_t now_us) {
  return (uint32_t)(((uint64_t)(now_us - clock->newest_us) << 8) / clock->period);
}

#endif
