// Runs the sketch on the host. Arguments: first microsecond, true sample period in microseconds,
// seconds to run, time at which the radio blocks, for how many milliseconds.
#include <cstdlib>

#include "lumbar_sensor.ino"

uint64_t hostUs = 0;
int hostButton = HIGH;
int hostMotor = 0;
double hostPeriodUs = 9615.38;

int main(int, char **arguments) {
  hostUs = strtoull(arguments[1], nullptr, 10);
  hostPeriodUs = atof(arguments[2]);
  const double seconds = atof(arguments[3]), blockedAt = atof(arguments[4]);
  const uint64_t blockedUs = strtoull(arguments[5], nullptr, 10) * 1000;
  setup();
  const uint64_t began = hostUs;
  srand(1);
  controlChar.hostWrite({0x01, 0x68, 0x00, 0x08, 0xe8, 0x03, 0x08});
  controlChar.hostWrite({0x77});
  hapticChar.hostWrite({0x80, 0x64, 0x00, 0x02, 0x32, 0x00});
  bool blocked = false;
  int motorBefore = -1;
  while ((double)(hostUs - began) < seconds * 1e6) {
    loop();
    const double now = (double)(hostUs - began) * 1e-6;
    hostButton = (now > 0.5 && now < 0.7) || (now > 1.0 && now < 2.5) ? LOW : HIGH;
    if (hostMotor != motorBefore) printf("%llu motor %02x\n", (unsigned long long)hostUs, hostMotor);
    motorBefore = hostMotor;
    if (!blocked && now >= blockedAt) {
      blocked = true;
      hostUs += blockedUs;
    }
    // A turn of the loop takes a fraction of a millisecond, now and then several.
    hostUs += 200 + (uint64_t)(rand() % 800) + (rand() % 50 == 0 ? 6000 : 0);
  }
  BLE.disconnected(BLEDevice());
  return 0;
}
