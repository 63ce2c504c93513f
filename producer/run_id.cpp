#include "producer/run_id.hpp"

#include "base/time.hpp"

namespace producer {

std::string new_run_id(base::System now, base::Random& random) {
  static constexpr char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id = base::iso8601_basic(now) + '-';
  for (int i = 0; i < 6; ++i) id += letters[random.below(32)];
  return id;
}

}  // namespace producer
