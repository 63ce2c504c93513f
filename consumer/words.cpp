#include "consumer/words.hpp"

namespace consumer {

using base::Errc;
using base::Error;

base::Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;  // a word, maybe an empty one
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (quote == '\'') {
      if (c == quote)
        quote = 0;
      else
        words.back() += c;
      continue;
    }
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      within = false;
      continue;
    }
    if (!within) words.emplace_back();
    within = true;
    if (c == '\\') {
      if (++i == text.size()) return Error(Errc::invalid, "ends in a \\ that keeps nothing together");
      // Between double quotes it keeps only what would mean something there.
      if (quote == '"' && std::string_view("$`\"\\\n").find(text[i]) == std::string_view::npos)
        words.back() += c;
      if (text[i] != '\n') words.back() += text[i];
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return Error(Errc::invalid, std::string("has an open ") + quote);
  if (words.empty() || words.front().empty()) return Error(Errc::invalid, "names no program");
  return words;
}

}  // namespace consumer
