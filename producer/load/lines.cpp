#include "producer/load/lines.hpp"

#include "app/body.hpp"
#include "base/encoding.hpp"
#include "producer/load/text_file.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

std::string_view Lines::line(std::size_t index) const {
  auto const begin = begins_[index];
  auto const end = index + 1 < begins_.size() ? begins_[index + 1] : text_.size();
  auto whole = std::string_view(text_).substr(begin, end - begin);
  if (whole.ends_with('\n')) whole.remove_suffix(1);
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  return whole;
}

Result<Lines> Lines::parse(std::string text) {
  Lines lines;
  lines.text_ = std::move(text);
  for (std::size_t at = 0; at < lines.text_.size();) {
    lines.begins_.push_back(at);
    auto const end = lines.text_.find('\n', at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
  if (lines.begins_.empty()) return Error(Errc::invalid, "names a file without a line");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto const one = lines.line(i);
    if (!base::is_utf8(one))
      return Error(Errc::invalid, "names a file whose line " + std::to_string(i + 1) + " is not UTF-8");
    auto const bytes = app::json_length(one);
    if (bytes > lines.longest_.bytes) lines.longest_ = {bytes, i + 1};
  }
  return lines;
}

Result<Lines> Lines::load(std::string const& path) {
  auto text = read_text_file(path);
  if (!text) return text.error();
  return parse(std::move(*text));
}

}  // namespace producer
