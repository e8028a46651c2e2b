// As much of Arduino as the reference firmware uses, on a clock that the test turns.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

enum { LOW = 0, HIGH = 1, INPUT_PULLUP = 2, OUTPUT = 3 };
enum { D0 = 0, D1 = 1, P0_14 = 114, P0_31 = 131 };

extern uint64_t hostUs;
extern int hostButton;
extern int hostMotor;

inline uint32_t micros() { return (uint32_t)hostUs; }
inline uint32_t millis() { return (uint32_t)(hostUs / 1000); }
inline void delay(uint32_t ms) { hostUs += (uint64_t)ms * 1000; }
inline void pinMode(int, int) {}
inline void digitalWrite(int, int) {}
inline int digitalRead(int pin) { return pin == D1 ? hostButton : HIGH; }
inline void analogReadResolution(int) {}
inline int analogRead(int) { return 1650; }  // 3.94 V
inline void analogWrite(int pin, int value) {
  if (pin == D0) hostMotor = value;
}
