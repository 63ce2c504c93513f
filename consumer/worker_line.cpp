#include "consumer/worker_line.hpp"

#include <nlohmann/json.hpp>

namespace consumer {

namespace {

// Writing a document out recurses as deep as it is.
constexpr int deepest = 500;

bool is_shallow(std::string_view json) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char const c = json[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++depth > deepest) return false;
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return true;
}

}  // namespace

std::string encode(Job const& job) {
  nlohmann::ordered_json json;
  json["call"] = job.call;
  json["id"] = job.id;
  json["receiveCount"] = job.receive_count;
  if (!job.run.empty()) {
    json["run"] = job.run;
    json["seq"] = job.seq;
  }
  if (!job.group.empty()) json["group"] = job.group;
  if (!job.traceparent.empty()) json["traceparent"] = job.traceparent;
  json["body"] = job.body;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::optional<Answer> decode_answer(std::string_view line) {
  if (!is_shallow(line)) return std::nullopt;
  auto const json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  auto const find = [&json](char const* key) -> nlohmann::json const* {
    auto const found = json.find(key);
    return found == json.end() || found->is_null() ? nullptr : &*found;
  };
  Answer answer;
  if (auto const* call = find("call")) {
    if (!call->is_number_unsigned()) return std::nullopt;
    answer.call = call->get<std::uint64_t>();
  }
  if (auto const* id = find("id")) {
    if (!id->is_string()) return std::nullopt;
    answer.id = id->get<std::string>();
  }
  auto const* ok = find("ok");
  auto const* error = find("error");
  auto const* retry = find("retry");
  if ((ok && !ok->is_boolean()) || (error && !error->is_string()) || (retry && !retry->is_boolean()))
    return std::nullopt;
  if (ok ? ok->get<bool>() : error == nullptr) {
    if (auto const* result = find("result"))
      answer.verdict.text = result->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return answer;
  }
  answer.verdict.kind = retry && !retry->get<bool>() ? Verdict::Kind::refused : Verdict::Kind::failed;
  answer.verdict.text = error ? error->get<std::string>() : std::string("the worker gave no reason");
  return answer;
}

}  // namespace consumer
