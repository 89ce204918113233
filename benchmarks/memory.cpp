#include "benchmarks/memory.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace cairn::benchmarks {

double resident_mib() {
  std::ifstream file{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  if (!(file >> total >> resident)) throw std::runtime_error{"/proc/self/statm cannot be read"};
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double peak_resident_mib() {
  std::ifstream file{"/proc/self/status"};
  std::string word;
  while (file >> word) {
    double kibibytes = 0;
    if (word == "VmHWM:" && file >> kibibytes) return kibibytes / 1024;
  }
  throw std::runtime_error{"/proc/self/status does not tell the peak"};
}

}  // namespace cairn::benchmarks
