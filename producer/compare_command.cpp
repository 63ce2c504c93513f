#include "producer/compare_command.hpp"

#include "app/summary.hpp"
#include "producer/compare.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

app::Command CompareCommand::describe() {
  app::Command command("producer", "compare",
                       "Put two summaries side by side, and tell by how much they differ.");
  command.operands("A.json B.json", files_);
  common_.add_words_to(command);
  command.footer(
      "Examples:\n"
      "  producer --rate 500 --duration 1m --output json > a.json\n"
      "  producer --rate 500 --duration 1m --output json --concurrency 256 > b.json\n"
      "  producer compare a.json b.json\n"
      "Summaries of the consumer and of audits do as well. Exit code: 0 compared, 2 usage.\n");
  return command;
}

Result<int> CompareCommand::run(app::Command const&, base::Environment const&, base::Log&) {
  if (files_.size() != 2)
    return Error(Errc::invalid, "compare takes two files, as in producer compare a.json b.json");
  auto const a = load_summary(files_[0]);
  if (!a) return a.error();
  auto const b = load_summary(files_[1]);
  if (!b) return b.error();
  auto const figures = compare(*a, *b);
  bool const printed = common_.output == app::Output::json
                           ? app::print(compared_json(*a, *b, figures).dump() + '\n')
                           : app::print(compared_text(*a, *b, figures));
  return printed ? app::exit_done : app::exit_partly;
}

}  // namespace producer
