#include "producer/merge_command.hpp"

#include "app/summary.hpp"
#include "producer/merge.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

app::Command MergeCommand::describe() {
  app::Command command("producer", "merge", "Add the summaries of a run's instances up to one.");
  command.operands("A.json B.json ...", files_);
  common_.add_words_to(command);
  command.footer(
      "Example, on two machines, and then where both summaries are:\n"
      "  producer --rate 1000 --duration 1m --run a --instances 2 --instance 0 --start-at "
      "2026-11-22T14:00:00Z \\\n"
      "    --output json > 0.json\n"
      "  producer merge 0.json 1.json\n"
      "Counts and rates are added up, seconds are those of the longest, and quantiles come from the sum of "
      "the\n"
      "histograms that the summaries hold: as exact as those of one producer. Exit code: 0 merged, 2 "
      "usage.\n");
  return command;
}

Result<int> MergeCommand::run(app::Command const&, base::Environment const&, base::Log& log) {
  if (files_.empty())
    return Error(Errc::invalid, "merge takes summaries, as in producer merge a.json b.json");
  std::vector<Summary> summaries;
  for (auto const& file : files_) {
    auto summary = load_summary(file);
    if (!summary) return summary.error();
    summaries.push_back(std::move(*summary));
  }
  auto const merged = merge(summaries);
  if (!merged) return merged.error();
  if (merged->merged.size() < merged->instances && merged->instances > 1)
    log.write(base::Level::warning, "these are " + std::to_string(merged->merged.size()) + " of " +
                                        std::to_string(merged->instances) + " instances");
  bool const printed =
      app::print(common_.output == app::Output::json ? merged->json().dump() + '\n' : merged->text());
  return printed ? app::exit_done : app::exit_partly;
}

}  // namespace producer
