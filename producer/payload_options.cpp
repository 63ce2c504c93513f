#include "producer/payload_options.hpp"

#include "app/parse.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

// From text to a value, kept in `target`.
template <class T, class Parse>
std::function<Result<void>(std::string_view)> into(T& target, Parse parse) {
  return [&target, parse](std::string_view text) -> Result<void> {
    auto parsed = parse(text);
    if (!parsed) return parsed.error();
    target = std::move(*parsed);
    return {};
  };
}

template <class T>
Result<std::shared_ptr<T const>> loaded(std::string_view text) {
  auto made = T::load(std::string(text));
  if (!made) return made.error();
  return std::make_shared<T const>(std::move(*made));
}

Result<double> compressible(std::string_view text) {
  if (text == "on") return 4;
  if (text == "off") return Filler::least_ratio;
  auto const ratio = app::parse_decimal(text);
  if (!ratio || *ratio < 1 || *ratio > Filler::most_ratio)
    return Error(Errc::invalid, "is neither on nor off nor a ratio from 1 to 20, as 4 for four to one");
  return *ratio;
}

}  // namespace

void describe_payload(app::Command& command, SendOptions& options) {
  auto& payload = options.payload;
  command.add("size", "BYTES",
              "size of each encoded body: 600, or drawn from uniform:200..4000, normal:MEAN,DEVIATION, "
              "lognormal:MEDIAN,SIGMA or exp:MEAN [as it comes, about 200]",
              into(payload.size, Sizes::parse));
  command.add(
      "compressible", "RATIO",
      "how many times shorter gzip makes what fills a body up to --size, 1 to 20; on: 4 [off: as little as "
      "can be, 1.3]",
      into(payload.compressible, compressible));
  command.add(
      "template", "FILE|TEXT",
      "each body's payload: a text, or a file's, with {{seq}} {{run}} {{group}} {{uuid}} {{now}} "
      "{{now:unix}} "
      "{{now:ms}} {{random:int:1..100}} {{random:decimal:0.00..9.99}} {{random:hex:16}} {{random:text:12}} "
      "{{random:word}} {{random:words:3}} {{random:choose:red|green}}",
      into(payload.text, loaded<Template>));
  command.add("lines", "FILE", "each body's payload: a line of the file, in turn, and from the first again",
              into(payload.lines, loaded<Lines>));
  command.add("poison", "SHARE",
              "so many are bad on purpose, as 0.1% or 0.001, evenly spread: cut off, so that no consumer can "
              "read them and "
              "each ends as a dead letter, which the audit makes sure of [none]",
              into(payload.poison, Poison::parse));
  command.add(
      "groups", "N",
      "messages belong to N groups, 1 to 1,000,000: message groups on a FIFO queue, \"group\" in each body "
      "[16 on a FIFO queue, else none]",
      [&payload](std::string_view text) -> Result<void> {
        auto const count = app::parse_whole(text, 1, 1'000'000);
        if (!count) return count.error();
        payload.groups = *count;
        payload.grouped = true;
        return {};
      });
  command.add("skew", "even|zipf:S",
              "how unequal the groups are: in turn, or the k-th a share of 1/k^S, as zipf:1.1 [even]",
              [&payload](std::string_view text) -> Result<void> {
                auto const skew = Skew::parse(text);
                if (!skew) return skew.error();
                payload.skew = *skew;
                payload.grouped = true;
                return {};
              });
  command.add("group-id", "ID",
              "message group on a FIFO queue; with --groups or --skew what their names begin with [group]",
              [&options, &payload](std::string_view text) -> Result<void> {
                if (text.empty()) return Error(Errc::invalid, "is empty");
                options.group_id = text;
                payload.group_name = text;
                return {};
              });
}

}  // namespace producer
