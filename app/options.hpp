#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/parse.hpp"
#include "base/environment.hpp"

namespace app {

// One setting of a command: --name, EDW_NAME and the key `name` of the configuration file.
struct Option {
  std::string name;         // without dashes, e.g. "max-receives"
  std::string placeholder;  // "N", "URI", …; empty for a switch
  std::string help;         // one line; its default stands in it
  std::string group;        // heading in --help
  // Takes the text; an error ends the sentence that begins with the option and the text.
  std::function<base::Result<void>(std::string_view)> assign;
  bool repeatable = false;

  std::string origin;  // set by parse: where the value came from, empty for the default
  bool given() const { return !origin.empty(); }
};

// A command of a program, with its options.
class Command {
 public:
  Command(std::string program, std::string name, std::string summary)
      : program_(std::move(program)), name_(std::move(name)), summary_(std::move(summary)) {}

  std::string const& name() const { return name_; }
  std::string const& summary() const { return summary_; }

  void heading(std::string group) { group_ = std::move(group); }
  void add(std::string name, std::string placeholder, std::string help,
           std::function<base::Result<void>(std::string_view)> assign);
  void text(std::string name, std::string placeholder, std::string& target, std::string help);
  void texts(std::string name, std::string placeholder, std::vector<std::string>& target, std::string help);
  void whole(std::string name, std::string placeholder, std::uint64_t& target, std::uint64_t least,
             std::uint64_t most, std::string help);
  void decimal(std::string name, std::string placeholder, double& target, std::string help);
  void duration(std::string name, std::string placeholder, std::chrono::microseconds& target,
                std::string help);
  void flag(std::string name, bool& target, std::string help);
  // Words that are no options, in their order: `shown` stands in the usage line. Without, they are refused.
  void operands(std::string shown, std::vector<std::string>& target) {
    operands_ = std::move(shown);
    operand_target_ = &target;
  }
  std::vector<std::string>* operand_target() const { return operand_target_; }
  // One of a few words, given with what each stands for.
  template <class T>
  void choice(std::string name, T& target, std::vector<std::pair<std::string, T>> words, std::string help);

  // Lines printed below the options: examples, what to read next.
  void footer(std::string text) { footer_ = std::move(text); }

  bool given(std::string_view name) const { return !origin(name).empty(); }
  // "--rate", "EDW_RATE in the environment" or "rate in edw.toml"; empty for a default.
  std::string origin(std::string_view name) const;

  std::vector<Option>& options() { return options_; }
  std::vector<Option> const& options() const { return options_; }
  std::string help(std::vector<Command> const& siblings) const;

 private:
  std::string program_;
  std::string name_;
  std::string summary_;
  std::string group_;
  std::string footer_;
  std::string operands_;
  std::vector<std::string>* operand_target_ = nullptr;
  std::vector<Option> options_;
};

// What the command line asked for: run `command`, or print `text` and end.
struct Parsed {
  Command* command = nullptr;
  std::optional<std::string> print;
  std::vector<std::string> warnings;  // e.g. a variable that is nearly the name of an option
};

// Chooses the command (the first one where none is named) and fills its options: the command line wins over
// the environment, the environment over the file that --config names. invalid: one sentence that names the
// option and where it came from.
base::Result<Parsed> parse(std::string const& program, std::vector<Command>& commands, int argc,
                           char const* const* argv, base::Environment const& environment);

template <class T>
void Command::choice(std::string name, T& target, std::vector<std::pair<std::string, T>> words,
                     std::string help) {
  std::string placeholder;
  for (auto const& [word, value] : words) placeholder += (placeholder.empty() ? "" : "|") + word;
  add(std::move(name), placeholder, std::move(help),
      [&target, words = std::move(words), placeholder](std::string_view text) -> base::Result<void> {
        for (auto const& [word, value] : words)
          if (word == text) {
            target = value;
            return {};
          }
        return base::Error(base::Errc::invalid, "is none of " + placeholder);
      });
}

}  // namespace app
