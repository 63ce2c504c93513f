#include "producer/checks.hpp"

#include <algorithm>
#include <array>

#include "app/body.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

std::string seconds_text(std::chrono::seconds value) { return std::to_string(value.count()) + " s"; }

// What the bodies hold is said once.
Result<void> check_contents(app::Command const& command, SendOptions const& options) {
  auto const& payload = options.payload;
  static constexpr std::array<std::pair<char const*, char const*>, 5> pairs{{{"template", "lines"},
                                                                             {"template", "size"},
                                                                             {"lines", "size"},
                                                                             {"template", "compressible"},
                                                                             {"lines", "compressible"}}};
  for (auto const& [one, other] : pairs)
    if (command.given(one) && command.given(other))
      return Error(Errc::invalid, command.origin(one) + " and " + command.origin(other) +
                                      " contradict each other: one alone can say what the bodies hold");
  if (command.given("compressible") && payload.size.natural())
    return Error(Errc::invalid,
                 command.origin("compressible") + " needs --size: there is nothing to fill bodies up with");
  if (payload.text && payload.text->names_groups() && !payload.grouped)
    return Error(Errc::invalid, command.origin("template") + " has {{group}}: give --groups or --skew");
  return {};
}

// Several producers send one run only where each knows which of them it is, and all know the run.
Result<void> check_instances(app::Command const& command, SendOptions const& options) {
  if (command.given("instance") && !command.given("instances"))
    return Error(Errc::invalid, command.origin("instance") + " needs --instances: say how many there are");
  if (options.instances == 1 && options.instance <= 1) return {};
  if (!command.given("instance"))
    return Error(Errc::invalid, command.origin("instances") + " needs --instance: say which of them this is");
  if (options.instance > options.instances)
    return Error(Errc::invalid, command.origin("instance") + ": there is no instance " +
                                    std::to_string(options.instance) + " of " +
                                    std::to_string(options.instances) + "; they are 0 to " +
                                    std::to_string(options.instances - 1) + ", or 1 to " +
                                    std::to_string(options.instances));
  if (options.run.empty())
    return Error(Errc::invalid,
                 command.origin("instances") + " needs --run: give all instances the same name of their run");
  if (options.search)
    return Error(Errc::invalid,
                 command.origin("instances") + " and " + command.origin("profile") +
                     " contradict each other: each instance would look for a highest rate of its own");
  return {};
}

}  // namespace

Result<void> check(app::Command const& command, SendOptions const& options) {
  if (command.given("count") && command.given("duration"))
    return Error(Errc::invalid,
                 command.origin("count") + " and " + command.origin("duration") +
                     " contradict each other: give the number of messages or the time, not both");
  if (command.given("rate") && command.given("profile"))
    return Error(Errc::invalid, command.origin("rate") + " and " + command.origin("profile") +
                                    " contradict each other: a profile says the rate");
  for (auto const* name : {"count", "duration", "strict-rate"})
    if (options.search && command.given(name))
      return Error(Errc::invalid, command.origin("profile") + " and " + command.origin(name) +
                                      " contradict each other: find-max ends by itself, and tries rates that "
                                      "are too high on purpose");
  if (auto const contents = check_contents(command, options); !contents) return contents.error();
  if (auto const instances = check_instances(command, options); !instances) return instances.error();
  if (!options.run.empty() && !app::is_run_id(options.run))
    return Error(Errc::invalid, command.origin("run") + ": \"" + options.run +
                                    "\" is not a run id: 1 to 64 letters, digits, '.', '_' or '-'");
  if (options.ttl && *options.ttl < std::chrono::seconds(1))
    return Error(Errc::invalid,
                 command.origin("ttl") + " is less than a second: messages would expire at once");
  if (options.ttl && *options.ttl <= options.delay)
    return Error(Errc::invalid, command.origin("ttl") + " and " + command.origin("delay") +
                                    " contradict each other: messages would expire before they can be seen");
  bool const group_fits = options.group_id.size() <= (options.payload.grouped ? 120 : 128) &&
                          std::all_of(options.group_id.begin(), options.group_id.end(),
                                      [](char c) { return c > 0x20 && c < 0x7F; });
  if (!group_fits)
    return Error(Errc::invalid,
                 command.origin("group-id") +
                     ": a message group is named by 1 to 128 letters, digits and punctuation, its "
                     "number by --groups among them");
  if (options.resume && options.run.empty())
    return Error(Errc::invalid, command.origin("resume") + " needs --run: say which run to continue");
  if (options.resume && options.manifest == "none")
    return Error(Errc::invalid,
                 command.origin("resume") + " and " + command.origin("manifest") +
                     " contradict each other: without a manifest there is nothing to continue");
  return {};
}

Result<void> check(app::Command const& command, SendOptions const& options,
                   storage::QueueLimits const& limits, BodySizes const& sizes) {
  using std::chrono::ceil;
  using std::chrono::seconds;
  if (options.delay > limits.max_delay)
    return Error(Errc::invalid,
                 command.origin("delay") +
                     (limits.max_delay.count() == 0
                          ? " is not offered by this queue (a FIFO queue has a delay of its own)"
                          : " is more than this queue allows, " + seconds_text(limits.max_delay)));
  if (options.ttl && limits.max_ttl && limits.max_ttl->count() == 0)
    return Error(
        Errc::invalid,
        command.origin("ttl") +
            " is not offered by this queue: on SQS the retention is set on the queue, not on a message");
  if (options.ttl && limits.max_ttl && *options.ttl > *limits.max_ttl)
    return Error(Errc::invalid,
                 command.origin("ttl") + " is more than this queue allows, " + seconds_text(*limits.max_ttl));
  if (!options.group_id.empty() && !limits.fifo)
    return Error(Errc::invalid,
                 command.origin("group-id") + " is only for FIFO queues, whose names end in .fifo");
  std::string origin = command.given("size") ? command.origin("size") : std::string("--size");
  if (options.payload.text) origin = command.origin("template");
  if (options.payload.lines)
    origin = command.origin("lines") + ": line " + std::to_string(options.payload.lines->longest().line);
  if (auto const longest = std::max(sizes.most, sizes.natural); longest > limits.body)
    return Error(Errc::too_large, origin + ": " + std::to_string(longest) +
                                      " bytes are more than this queue carries in a message, " +
                                      std::to_string(limits.body));
  if (sizes.least != 0 && sizes.least < sizes.natural)
    return Error(Errc::invalid, origin + ": a body of this run takes at least " +
                                    std::to_string(sizes.natural) +
                                    " bytes; give that or more, or leave --size out");
  return {};
}

}  // namespace producer
