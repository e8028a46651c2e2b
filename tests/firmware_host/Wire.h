// The bus inside the XIAO Sense, as far as the reference firmware touches it.
#pragma once
#include <cstdint>

struct HostBus {
  void setClock(uint32_t) {}
};
inline HostBus Wire1;
