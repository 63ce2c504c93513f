#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "producer/load/arrivals.hpp"

namespace producer {

// What --profile asks for: the text of a profile, @FILE with such a text, or replay=FILE. invalid: the end of
// a sentence.
base::Result<std::shared_ptr<Arrivals const>> choose_arrivals(std::string const& text);

}  // namespace producer
