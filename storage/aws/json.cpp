#include "storage/aws/json.hpp"

#include "base/json_text.hpp"

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

Json& Json::key(std::string_view name) {
  comma();
  base::append_json(out_, name);
  out_ += ':';
  return *this;
}

Json& Json::text(std::string_view value) {
  comma();
  base::append_json(out_, value);
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
