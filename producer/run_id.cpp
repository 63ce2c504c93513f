#include "producer/run_id.hpp"

#include "base/time.hpp"

namespace producer {

std::string new_run_id(base::System now, base::Random& random) {
  static constexpr char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
  // "2026-11-22 01:02:03.000004" without its separators: fixed width, so that text order is time order.
  std::string id;
  for (char const c : base::stamp(now)) {
    if (c == ' ') id += 'T';
    if (c == '.' || (c >= '0' && c <= '9')) id += c;
  }
  id += '-';
  for (int i = 0; i < 4; ++i) id += letters[random.below(32)];
  return id;
}

}  // namespace producer
