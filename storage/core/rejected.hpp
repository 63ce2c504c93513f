#pragma once

#include <cstddef>
#include <vector>

#include "base/task.hpp"

namespace storage {

using base::Errc;
using base::Error;
using base::Result;
using base::Task;

// One item of a batch that failed, by its index in the span that was passed. The others succeeded.
struct Rejected {
  std::size_t index = 0;
  Error error;
};

}  // namespace storage
