#include "storage/aws/json.hpp"

#include "base/json_run.hpp"

namespace storage::aws {

// What was written last tells whether a comma is due: text is quoted, so a bracket or colon is always syntax.
void Json::comma() {
  if (out_.empty()) return;
  char const last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

Json& Json::open(char bracket) {
  comma();
  out_ += bracket;
  return *this;
}

Json& Json::close(char bracket) {
  out_ += bracket;
  return *this;
}

void Json::quoted(std::string_view value) {
  out_ += '"';
  char const* at = value.data();
  char const* const end = at + value.size();
  while (true) {
    auto const* const stop = base::json_run(at, end);
    out_.append(at, stop);
    if (stop == end) break;
    at = stop + 1;
    auto const c = static_cast<unsigned char>(*stop);
    constexpr char digits[] = "0123456789abcdef";
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\r':
        out_ += "\\r";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        out_ += "\\u00";
        out_ += digits[c >> 4];
        out_ += digits[c & 15];
    }
  }
  out_ += '"';
}

Json& Json::key(std::string_view name) {
  comma();
  quoted(name);
  out_ += ':';
  return *this;
}

Json& Json::text(std::string_view value) {
  comma();
  quoted(value);
  return *this;
}

Json& Json::number(std::int64_t value) { return raw(std::to_string(value)); }

Json& Json::boolean(bool value) { return raw(value ? "true" : "false"); }

Json& Json::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

}  // namespace storage::aws
