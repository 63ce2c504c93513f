// What a worker is asked and answers, and the command that starts it.
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "consumer/words.hpp"
#include "consumer/worker_line.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

void fuzz::worker_lines(std::string_view input) {
  using Kind = consumer::Verdict::Kind;
  if (auto const answer = consumer::decode_answer(input)) {
    auto const& verdict = answer->verdict;
    must(verdict.kind != Kind::cancelled, "a worker does not cancel");
    if (verdict.kind == Kind::done)
      must(verdict.text.empty() || nlohmann::json::accept(verdict.text), "a result is JSON");
    must(base::is_utf8(verdict.text), "a verdict is UTF-8");
  }
  consumer::Job job;
  job.call = input.size();
  job.id = "id";
  job.body = input;
  auto const line = consumer::encode(job);
  must(line.ends_with('\n') && line.find('\n') == line.size() - 1, "a job is one line");
  auto const json = nlohmann::json::parse(line, nullptr, false);
  must(json.is_object(), "a job is JSON");
  if (base::is_utf8(input)) must(json["body"] == job.body, "a body is handed over as it was");

  if (auto const words = consumer::split_words(input))
    must(!words->empty(), "a command has a program");
  else
    must(is_sentence(words.error().message), "an error is one printable line");
}
