// A motion sensor that fills its FIFO as time passes: sample k carries k in every axis.
#pragma once
#include "Arduino.h"

enum { I2C_MODE = 0 };
typedef enum { IMU_SUCCESS, IMU_HW_ERROR } status_t;
enum {
  LSM6DS3_ACC_GYRO_FIFO_CTRL3 = 0x08,
  LSM6DS3_ACC_GYRO_FIFO_CTRL4 = 0x09,
  LSM6DS3_ACC_GYRO_FIFO_CTRL5 = 0x0A,
  LSM6DS3_ACC_GYRO_CTRL1_XL = 0x10,
  LSM6DS3_ACC_GYRO_CTRL2_G = 0x11,
  LSM6DS3_ACC_GYRO_CTRL3_C = 0x12,
  LSM6DS3_ACC_GYRO_FIFO_STATUS1 = 0x3A,
  LSM6DS3_ACC_GYRO_FIFO_DATA_OUT_L = 0x3E,
};

extern double hostPeriodUs;  // what the chip really does

class LSM6DS3Core {
 public:
  LSM6DS3Core(uint8_t, uint8_t) {}
  status_t beginCore() { return IMU_SUCCESS; }
  status_t writeRegister(uint8_t address, uint8_t value) {
    registers_[address] = value;
    if (address == LSM6DS3_ACC_GYRO_FIFO_CTRL5 && value) {
      if (!started_) sinceUs_ = hostUs;
      started_ = true;
      read_ = taken();
    }
    if (address == LSM6DS3_ACC_GYRO_CTRL1_XL && !value) started_ = false;
    return IMU_SUCCESS;
  }
  status_t readRegisterRegion(uint8_t *out, uint8_t address, uint8_t length) {
    memset(out, 0, length);
    uint64_t waiting = taken() - read_;
    if (address == LSM6DS3_ACC_GYRO_FIFO_STATUS1) {
      const bool overrun = waiting > 341;
      const uint16_t words = (uint16_t)(overrun ? 2046 : waiting * 6);
      out[0] = (uint8_t)words;
      out[1] = (uint8_t)(words >> 8 | (overrun ? 0x40 : 0));
    } else if (address == LSM6DS3_ACC_GYRO_FIFO_DATA_OUT_L && waiting) {
      for (int i = 0; i < 6; i++) {
        const uint16_t word = (uint16_t)(read_ + (i < 3 ? 1000u : 0u) + (unsigned)(i % 3));
        out[2 * i] = (uint8_t)word;
        out[2 * i + 1] = (uint8_t)(word >> 8);
      }
      read_++;
    }
    return IMU_SUCCESS;
  }

 private:
  uint64_t taken() const { return started_ ? (uint64_t)((double)(hostUs - sinceUs_) / hostPeriodUs) : 0; }
  uint8_t registers_[256] = {0};
  uint64_t sinceUs_ = 0, read_ = 0;
  bool started_ = false;
};
