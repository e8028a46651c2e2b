// Reference firmware of the open profile (../../gatt.md) for the Seeed XIAO nRF52840 Sense.
//
// Board package: "Seeed nRF52 mbed-enabled Boards". Libraries: ArduinoBLE, Seeed Arduino LSM6DS3.
// Optional: a vibration motor behind a transistor on D0, a button from D1 to ground.

#include <ArduinoBLE.h>

#include "lsm6ds3_fifo.h"
#include "open_packet.h"
#include "sample_clock.h"

#ifndef MOTOR_PIN
#define MOTOR_PIN D0
#endif
#ifndef BUTTON_PIN
#define BUTTON_PIN D1
#endif

static const uint8_t kFirmware[2] = {0, 1};
static const uint8_t kAbilities = 0x03;  // motor and button; clear the bit of what is not fitted
static const uint16_t kMostBuzzMs = 5000;
static const uint32_t kBatteryEveryMs = 30000;
static const uint32_t kDebounceMs = 30, kHoldMs = 1000;

BLEService service("086e0000-ecdb-4f54-a6b8-1f85be82ca75");
BLECharacteristic infoChar("086e0001-ecdb-4f54-a6b8-1f85be82ca75", BLERead, 5, true);
BLECharacteristic dataChar("086e0002-ecdb-4f54-a6b8-1f85be82ca75", BLENotify, OPEN_MAX_BYTES);
BLECharacteristic controlChar("086e0003-ecdb-4f54-a6b8-1f85be82ca75", BLEWrite, 7);
BLECharacteristic hapticChar("086e0004-ecdb-4f54-a6b8-1f85be82ca75", BLEWriteWithoutResponse, 6, true);
BLECharacteristic eventChar("086e0005-ecdb-4f54-a6b8-1f85be82ca75", BLENotify, 6);
BLEService batteryService("180F");
BLECharacteristic batteryChar("2A19", BLERead | BLENotify, 1, true);

MotionSensor motion;
bool motionAnswers = false;
bool streaming = false;
bool restarted = false;
uint8_t samplesPerPacket = 8;
uint16_t nextNumber = 0;
sample_clock_t sampleClock;

open_sample_t batch[OPEN_MAX_SAMPLES];
uint8_t batched = 0;
uint16_t firstNumber = 0;
uint32_t firstUs = 0;

open_haptic_t buzz = {0, 0, 0, 0};
bool buzzing = false;
uint32_t buzzSinceMs = 0;

// ---- streaming -----------------------------------------------------------------------------

uint8_t start(const open_start_t &wished) {
  if (!motionAnswers) return OPEN_NO_SENSOR;
  if (wished.samples_per_packet < 1 || wished.samples_per_packet > OPEN_MAX_SAMPLES) return OPEN_NOT_SUPPORTED;
  if (!motion.configure(wished)) return OPEN_NOT_SUPPORTED;
  samplesPerPacket = wished.samples_per_packet;
  clock_start(&sampleClock, wished.rate_hz);
  nextNumber = 0;
  batched = 0;
  restarted = true;
  streaming = true;
  return OPEN_DONE;
}

void stopStreaming() {
  if (streaming) motion.stop();
  streaming = false;
}

void sendBatch() {
  uint8_t packet[OPEN_MAX_BYTES];
  const open_header_t header = {(uint8_t)restarted, firstNumber,     firstUs, clock_period_us(&sampleClock),
                                motion.accScale,    motion.gyrScale};
  const size_t length = open_encode(packet, sizeof packet, &header, batch, batched);
  if (length) dataChar.writeValue(packet, (int)length);
  restarted = false;
  batched = 0;
}

void drainFifo() {
  bool overrun = false;
  const uint16_t waiting = motion.waiting(overrun);
  const uint32_t nowUs = micros();
  if (overrun) {
    // What the FIFO held is no longer whole. Numbers go on through all that was taken since.
    if (batched) sendBatch();
    if (sampleClock.running) nextNumber = (uint16_t)(nextNumber + clock_elapsed(&sampleClock, nowUs));
    motion.restart();
    sampleClock.running = 0;
    return;
  }
  if (!waiting) return;
  clock_advance(&sampleClock, waiting, nowUs);
  for (uint16_t i = 0; i < waiting; i++) {
    if (!batched) {
      firstNumber = nextNumber;
      firstUs = clock_time_us(&sampleClock, (uint16_t)(waiting - 1 - i));
    }
    motion.read(batch[batched++]);
    nextNumber++;
    if (batched >= samplesPerPacket) sendBatch();
  }
}

// ---- commands ------------------------------------------------------------------------------

void answer(uint8_t command, uint8_t status) {
  uint8_t message[3];
  eventChar.writeValue(message, (int)open_answer(message, command, status));
}

void onControl(BLEDevice, BLECharacteristic written) {
  open_start_t wished;
  const uint8_t *bytes = written.value();
  const size_t length = (size_t)written.valueLength();
  if (open_read_start(bytes, length, &wished)) {
    answer(OPEN_START, start(wished));
  } else if (length == 1 && bytes[0] == OPEN_STOP) {
    stopStreaming();
    answer(OPEN_STOP, OPEN_DONE);
  } else {
    answer(length ? bytes[0] : 0, OPEN_UNKNOWN_COMMAND);
  }
}

void onHaptic(BLEDevice, BLECharacteristic written) {
  open_haptic_t wished;
  if (!open_read_haptic(written.value(), (size_t)written.valueLength(), &wished)) return;
  if (wished.on_ms > kMostBuzzMs) wished.on_ms = kMostBuzzMs;
  if (!wished.strength) wished.times = 0;
  buzz = wished;
  buzzing = buzz.times > 0;
  buzzSinceMs = millis();
  analogWrite(MOTOR_PIN, buzzing ? buzz.strength : 0);
}

void onDisconnected(BLEDevice) {
  stopStreaming();
  buzz.times = 0;
  buzzing = false;
  analogWrite(MOTOR_PIN, 0);
  BLE.advertise();
}

// ---- motor, button, battery ----------------------------------------------------------------

void runMotor() {
  if (!buzz.times) return;
  const uint32_t sinceMs = millis() - buzzSinceMs;
  if (buzzing && sinceMs >= buzz.on_ms) {
    analogWrite(MOTOR_PIN, 0);
    buzzing = false;
    buzz.times--;
    buzzSinceMs = millis();
  } else if (!buzzing && sinceMs >= buzz.pause_ms) {
    analogWrite(MOTOR_PIN, buzz.strength);
    buzzing = true;
    buzzSinceMs = millis();
  }
}

void watchButton() {
  static bool down = false, held = false;
  static uint32_t sinceMs = 0;
  const bool pressed = digitalRead(BUTTON_PIN) == LOW;
  const uint32_t forMs = millis() - sinceMs;
  uint8_t kind = 0;
  if (pressed != down && forMs >= kDebounceMs) {
    if (!pressed && !held) kind = OPEN_PRESS;
    down = pressed;
    held = false;
    sinceMs = millis();
  } else if (down && !held && forMs >= kHoldMs) {
    held = true;
    kind = OPEN_HOLD;
  }
  if (!kind) return;
  uint8_t message[6];
  eventChar.writeValue(message, (int)open_button(message, kind, micros()));
}

void measureBattery() {
  static uint32_t sinceMs = 0;
  static bool measured = false;
  if (measured && millis() - sinceMs < kBatteryEveryMs) return;
  measured = true;
  sinceMs = millis();
  // 1 Mohm over 510 kohm, 3.3 V reference, 12 bits. A lithium cell: 3.3 V empty, 4.15 V full.
  const float volts = analogRead(P0_31) / 4095.0f * 3.3f * (1510.0f / 510.0f);
  float share = (volts - 3.3f) / (4.15f - 3.3f);
  share = share < 0 ? 0 : share > 1 ? 1 : share;
  const uint8_t percent = (uint8_t)(share * 100 + 0.5f);
  if (batteryChar.value()[0] != percent) batteryChar.writeValue(&percent, 1);
}

// ---- Arduino -------------------------------------------------------------------------------

void setup() {
  pinMode(MOTOR_PIN, OUTPUT);
  pinMode(BUTTON_PIN, INPUT_PULLUP);
  // Held low for good: with the divider off, a charging cell would lift P0.31 above its limit.
  pinMode(P0_14, OUTPUT);
  digitalWrite(P0_14, LOW);
  analogReadResolution(12);
  motionAnswers = motion.begin();

  while (!BLE.begin()) delay(1000);
  BLE.setLocalName("Lumbar");
  BLE.setDeviceName("Lumbar");
  BLE.setAdvertisedService(service);
  BLE.setConnectionInterval(6, 12);  // 7.5 to 15 ms, in 1.25 ms
  BLECharacteristic *own[] = {&infoChar, &dataChar, &controlChar, &hapticChar, &eventChar};
  for (BLECharacteristic *characteristic : own) service.addCharacteristic(*characteristic);
  batteryService.addCharacteristic(batteryChar);
  BLE.addService(service);
  BLE.addService(batteryService);
  const uint8_t info[5] = {OPEN_VERSION, kFirmware[0], kFirmware[1], kAbilities, OPEN_MAX_SAMPLES};
  infoChar.writeValue(info, sizeof info);
  controlChar.setEventHandler(BLEWritten, onControl);
  hapticChar.setEventHandler(BLEWritten, onHaptic);
  BLE.setEventHandler(BLEDisconnected, onDisconnected);
  BLE.advertise();
}

void loop() {
  BLE.poll();
  if (streaming) drainFifo();
  runMotor();
  watchButton();
  measureBattery();
}
