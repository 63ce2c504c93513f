#include "simulation/history.hpp"

#include <cstring>
#include <iomanip>

namespace simulation {

void History::mix(std::string_view bytes) {
  mix(bytes.size());
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    mix(word);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  mix(word);
}

void History::add(std::chrono::nanoseconds when, std::string_view what, int who, std::string_view detail) {
  ++events_;
  mix(static_cast<std::uint64_t>(when.count()));
  mix(static_cast<std::uint64_t>(who));
  mix(what);
  mix(detail);
  tell(when, what, who, detail);
}

void History::tell(std::chrono::nanoseconds when, std::string_view what, int who, std::string_view detail) {
  if (!out_) return;
  *out_ << std::fixed << std::setprecision(6) << std::setw(14) << static_cast<double>(when.count()) / 1e9;
  if (who >= 0)
    *out_ << "  [" << who << "] ";
  else
    *out_ << "  [-] ";
  *out_ << what;
  if (!detail.empty()) {
    std::string shown(detail.substr(0, 600));
    for (char& c : shown)
      if (static_cast<unsigned char>(c) < 0x20) c = '~';
    *out_ << "  " << shown;
  }
  *out_ << '\n';
}

}  // namespace simulation
