// As much of ArduinoBLE as the reference firmware uses: notifications are printed, writes injected.
#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "Arduino.h"

enum { BLERead = 2, BLEWriteWithoutResponse = 4, BLEWrite = 8, BLENotify = 16 };
enum BLEDeviceEvent { BLEConnected, BLEDisconnected };
enum { BLEWritten = 3 };

class BLEDevice {};
class BLECharacteristic;
typedef void (*BLECharacteristicEventHandler)(BLEDevice, BLECharacteristic);
typedef void (*BLEDeviceEventHandler)(BLEDevice);

struct HostValue {
  std::string uuid;
  int properties;
  std::vector<uint8_t> bytes;
  BLECharacteristicEventHandler written;
};

class BLECharacteristic {
 public:
  BLECharacteristic(const char *uuid, int properties, int size, bool = false)
      : size_(size), host(new HostValue{uuid, properties, std::vector<uint8_t>((size_t)size), nullptr}) {}
  int writeValue(const uint8_t *value, int length) {
    host->bytes.assign(value, value + (length < size_ ? length : size_));
    if (host->properties & BLENotify) {
      printf("%llu %s ", (unsigned long long)hostUs, host->uuid.c_str());
      for (uint8_t byte : host->bytes) printf("%02x", byte);
      printf("\n");
    }
    return 1;
  }
  const uint8_t *value() const { return host->bytes.data(); }
  int valueLength() const { return (int)host->bytes.size(); }
  void setEventHandler(int, BLECharacteristicEventHandler handler) { host->written = handler; }
  void hostWrite(std::vector<uint8_t> bytes) {
    host->bytes = bytes;
    if (host->written) host->written(BLEDevice(), *this);
  }

 private:
  int size_;

 public:
  HostValue *host;
};

class BLEService {
 public:
  explicit BLEService(const char *) {}
  void addCharacteristic(BLECharacteristic &) {}
};

class BLELocalDevice {
 public:
  int begin() { return 1; }
  void poll() {}
  void setLocalName(const char *) {}
  void setDeviceName(const char *) {}
  void setAdvertisedService(const BLEService &) {}
  void setConnectionInterval(uint16_t, uint16_t) {}
  void addService(BLEService &) {}
  void setEventHandler(BLEDeviceEvent, BLEDeviceEventHandler handler) { disconnected = handler; }
  int advertise() { return 1; }
  BLEDeviceEventHandler disconnected = nullptr;
};
inline BLELocalDevice BLE;
