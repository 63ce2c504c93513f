// One target as libFuzzer wants it: https://llvm.org/docs/LibFuzzer.html
#include <cstddef>
#include <cstdint>

#include "fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  fuzz::EDW_FUZZ_TARGET(std::string_view(reinterpret_cast<char const*>(bytes), size));
  return 0;
}
