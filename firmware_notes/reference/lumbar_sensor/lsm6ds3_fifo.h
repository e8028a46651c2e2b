// The LSM6DS3TR-C through its FIFO: 4 KB hold 341 samples, 3.3 s at 104 Hz, so that a radio that
// blocks costs nothing. Register values from the data sheet (DocID030071).
#pragma once

#include <LSM6DS3.h>
#include <Wire.h>

#include "open_packet.h"

class MotionSensor {
 public:
  // False if the chip does not answer.
  bool begin() {
    const bool answers = chip_.beginCore() == IMU_SUCCESS;
    Wire1.setClock(400000);  // a sample then takes 0.4 ms of the bus; the default is four times that
    return answers;
  }

  // False if it has no such rate or range.
  bool configure(const open_start_t &wished) {
    const int rate = code(wished.rate_hz, kRates, 5);
    const int acc = code(wished.acc_range_g, kAccRanges, 4);
    const int gyr = code(wished.gyr_range_dps, kGyrRanges, 5);
    if (rate < 0 || acc < 0 || gyr < 0) return false;
    const uint8_t odr = (uint8_t)(rate + 2);  // 26 Hz is code 2, in CTRL1, CTRL2 and FIFO_CTRL5
    accScale = kAccScales[acc];
    gyrScale = kGyrScales[gyr];
    fifoMode_ = (uint8_t)(odr << 3 | 0x06);  // continuous: the oldest are overwritten
    write(LSM6DS3_ACC_GYRO_CTRL3_C, 0x44);   // whole samples only (BDU), addresses count up
    write(LSM6DS3_ACC_GYRO_CTRL1_XL, (uint8_t)(odr << 4 | kAccBits[acc] << 2));
    write(LSM6DS3_ACC_GYRO_CTRL2_G, (uint8_t)(odr << 4 | kGyrBits[gyr]));
    write(LSM6DS3_ACC_GYRO_FIFO_CTRL3, 0x09);  // gyroscope and accelerometer, none left out
    write(LSM6DS3_ACC_GYRO_FIFO_CTRL4, 0x00);
    restart();
    return true;
  }

  // Empties the FIFO.
  void restart() {
    write(LSM6DS3_ACC_GYRO_FIFO_CTRL5, 0x00);
    write(LSM6DS3_ACC_GYRO_FIFO_CTRL5, fifoMode_);
  }

  void stop() {
    write(LSM6DS3_ACC_GYRO_FIFO_CTRL5, 0x00);
    write(LSM6DS3_ACC_GYRO_CTRL1_XL, 0x00);
    write(LSM6DS3_ACC_GYRO_CTRL2_G, 0x00);
  }

  // Whole samples waiting; `overrun` says that some were overwritten or the FIFO is out of step.
  uint16_t waiting(bool &overrun) {
    uint8_t status[4] = {0, 0, 0, 0};
    chip_.readRegisterRegion(status, LSM6DS3_ACC_GYRO_FIFO_STATUS1, 4);
    const uint16_t words = (uint16_t)(status[0] | (status[1] & 0x07) << 8);
    const uint16_t pattern = (uint16_t)(status[2] | (status[3] & 0x03) << 8);
    overrun = (status[1] & 0x40) != 0 || (words != 0 && pattern != 0);
    return words / 6;
  }

  // The oldest one. The FIFO gives the gyroscope first, and its two addresses roll over.
  void read(open_sample_t &sample) {
    uint8_t bytes[12];
    chip_.readRegisterRegion(bytes, LSM6DS3_ACC_GYRO_FIFO_DATA_OUT_L, sizeof bytes);
    for (int axis = 0; axis < 3; axis++) {
      sample.gyr[axis] = (int16_t)open_get16(bytes + 2 * axis);
      sample.acc[axis] = (int16_t)open_get16(bytes + 6 + 2 * axis);
    }
  }

  float accScale = 0, gyrScale = 0;

 private:
  static constexpr float kMg = 9.80665e-3f;         // m/s2
  static constexpr float kMdps = 1.74532925e-5f;    // rad/s
  static constexpr uint16_t kRates[5] = {26, 52, 104, 208, 416};
  static constexpr uint16_t kAccRanges[4] = {2, 4, 8, 16};
  static constexpr uint8_t kAccBits[4] = {0, 2, 3, 1};
  static constexpr float kAccScales[4] = {0.061f * kMg, 0.122f * kMg, 0.244f * kMg, 0.488f * kMg};
  static constexpr uint16_t kGyrRanges[5] = {125, 250, 500, 1000, 2000};
  static constexpr uint8_t kGyrBits[5] = {0x02, 0x00, 0x04, 0x08, 0x0C};
  static constexpr float kGyrScales[5] = {4.375f * kMdps, 8.75f * kMdps, 17.5f * kMdps, 35.0f * kMdps,
                                          70.0f * kMdps};

  static int code(uint16_t value, const uint16_t *among, int count) {
    for (int i = 0; i < count; i++)
      if (among[i] == value) return i;
    return -1;
  }

  void write(uint8_t address, uint8_t value) { chip_.writeRegister(address, value); }

  LSM6DS3Core chip_{I2C_MODE, 0x6A};
  uint8_t fifoMode_ = 0;
};

// C++14 wants these defined outside as well; from C++17 on it is a repetition.
constexpr uint16_t MotionSensor::kRates[5];
constexpr uint16_t MotionSensor::kAccRanges[4];
constexpr uint8_t MotionSensor::kAccBits[4];
constexpr float MotionSensor::kAccScales[4];
constexpr uint16_t MotionSensor::kGyrRanges[5];
constexpr uint8_t MotionSensor::kGyrBits[5];
constexpr float MotionSensor::kGyrScales[5];
