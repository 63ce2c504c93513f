#include "consumer/worker_line.hpp"

#include <nlohmann/json.hpp>

namespace consumer {

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
  json["body"] = job.body;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::optional<Answer> decode_answer(std::string_view line) {
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
