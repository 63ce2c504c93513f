#pragma once

#include <functional>
#include <string>
#include <vector>

namespace micro {

// One thing that is done for a message or a request; `run` does it once.
struct Operation {
  std::string name;
  std::function<void()> run;
};

// Signing, encoding and decoding on both clouds, on 600-byte messages in full batches.
std::vector<Operation> operations();

}  // namespace micro
