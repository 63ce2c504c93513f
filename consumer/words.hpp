#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace consumer {

// A command in words as a shell would split it (POSIX, Shell Command Language, 2.2): blanks part them, '…',
// "…" and \ keep them together. Nothing is expanded. invalid: an open quote, a \ at the end, no word at all;
// the error is the end of a sentence.
base::Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace consumer
