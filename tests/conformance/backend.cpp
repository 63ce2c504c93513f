#include "conformance/backend.hpp"

#include <cstdio>

#include "base/random.hpp"

namespace conformance {

std::string fresh_name() {
  char text[24];
  std::snprintf(text, sizeof text, "edw%016llx", static_cast<unsigned long long>(base::entropy()));
  return text;
}

}  // namespace conformance
