// What a load is described by: sizes, templates, lines, skew, shares, moments, profiles.
#include <algorithm>

#include "app/body.hpp"
#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "producer/load/dice.hpp"
#include "producer/load/groups.hpp"
#include "producer/load/lines.hpp"
#include "producer/load/poison.hpp"
#include "producer/load/profile_text.hpp"
#include "producer/load/sizes.hpp"
#include "producer/load/template.hpp"

namespace {

using fuzz::must;

// A sentence, and below it at most a line with a mark.
template <class T>
void must_be_pointed_at(base::Result<T> const& result) {
  if (result) return;
  auto const& message = result.error().message;
  must(result.error().code == base::Errc::invalid, "what can't be read is invalid");
  must(!message.empty() && base::is_utf8(message), "an error is text");
  must(std::count(message.begin(), message.end(), '\n') <= 2, "an error has three lines at most");
}

void sizes(std::string_view input) {
  auto const sizes = producer::Sizes::parse(input);
  must_be_pointed_at(sizes);
  if (!sizes) return;
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    producer::Dice dice(1, seq);
    auto const drawn = sizes->draw(dice);
    must(drawn >= 1 && drawn <= std::uint64_t{1} << 30, "a size is 1 byte to 1 GiB");
    must(sizes->unbounded() || (drawn >= sizes->least() && drawn <= sizes->most()),
         "a size lies in its bounds");
  }
}

void templates(std::string_view input) {
  auto const text = producer::Template::parse(input);
  must_be_pointed_at(text);
  if (!text) return;
  auto const longest = text->longest(3, 7);
  if (longest > 1 << 20) return;
  for (std::uint64_t const seq : {std::uint64_t{1}, app::max_seq}) {
    producer::Dice dice(1, seq), again(1, seq);
    producer::Subject const subject{"run", seq, "group-1", base::System(std::chrono::hours(500'000))};
    auto const rendered = text->render(subject, dice);
    must(base::is_utf8(rendered), "a template makes text");
    must(app::json_length(rendered) <= longest, "a template makes no longer text than it says");
    must(rendered == text->render(subject, again), "the same chance makes the same text");
    app::Body body;
    body.payload = rendered;
    must(app::decode(app::encode(body))->payload == rendered, "a payload comes back as it was");
    must(app::encode(body).size() ==
             app::encode(app::Body()).size() + (rendered.empty() ? 0 : 13 + app::json_length(rendered)),
         "a text is as long in JSON as it says");
  }
}

void lines(std::string_view input) {
  auto const lines = producer::Lines::parse(std::string(input));
  must_be_pointed_at(lines);
  if (!lines) return;
  std::size_t longest = 0;
  for (std::uint64_t seq = 1; seq <= lines->size(); ++seq) {
    must(lines->of(seq).find('\n') == std::string_view::npos, "a line is one");
    longest = std::max(longest, app::json_length(lines->of(seq)));
  }
  must(longest == lines->longest().bytes, "the longest line is known");
  must(lines->of(lines->size() + 1) == lines->of(1), "after the last comes the first");
}

void shares(std::string_view input) {
  auto const skew = producer::Skew::parse(input);
  must_be_pointed_at(skew);
  if (skew) {
    producer::Groups const groups(17, *skew);
    producer::Dice dice(1, 1);
    for (std::uint64_t seq = 1; seq < 50; ++seq)
      must(groups.of(seq, dice) < 17, "a message is of one of its groups");
  }
  auto const poison = producer::Poison::parse(input);
  must_be_pointed_at(poison);
  if (!poison) return;
  std::uint64_t bad = 0;
  for (std::uint64_t seq = 1; seq <= 3000; ++seq) bad += poison->bad(seq) ? 1U : 0U;
  must(bad == poison->until(3000), "bad messages are as many as asked");
  std::uint64_t listed = 0;
  for (auto const& stride : poison->list({}, 1, 3000)) {
    must(stride.sound(3000), "a list is of numbers");
    listed += (stride.last - stride.first) / stride.step + 1;
  }
  must(listed == bad, "bad messages are listed");
}

}  // namespace

void fuzz::load_texts(std::string_view input) {
  sizes(input);
  templates(input);
  lines(input);
  shares(input);
  auto const profile = producer::parse_profile(input);
  must_be_pointed_at(profile);
  if (profile) must(profile->due(0).has_value(), "a profile sends something");
}
