#include "storage/aws/json.hpp"

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
  std::size_t clean = 0;  // where the run that needs no escape begins
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto const c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_.append(value.substr(clean, i - clean));
    clean = i + 1;
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
  out_.append(value.substr(clean));
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
