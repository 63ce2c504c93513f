#include "app/options.hpp"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "app/version.hpp"
#include "base/encoding.hpp"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

std::string variable_of(std::string_view option) {
  std::string name = "EDW_";
  for (char const c : option)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

// Edits between two words, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(std::vector<Command> const& commands, std::string_view name) {
  std::string best;
  std::size_t least = 3;
  for (auto const& command : commands)
    for (auto const& option : command.options())
      if (auto const d = distance(option.name, name); d < least) {
        least = d;
        best = option.name;
      }
  return best;
}

// The first command that has this option; empty: none.
std::string owner_of(std::vector<Command> const& commands, std::string_view name) {
  for (auto const& command : commands)
    for (auto const& option : command.options())
      if (option.name == name) return command.name();
  return {};
}

bool known_anywhere(std::vector<Command> const& commands, std::string_view name) {
  return !owner_of(commands, name).empty();
}

Result<void> assign(Option& option, std::string_view text, std::string origin) {
  auto const assigned = option.assign(text);
  if (!assigned)
    return Error(Errc::invalid, origin + ": \"" + std::string(text) + "\" " + assigned.error().message);
  option.origin = std::move(origin);
  return {};
}

std::optional<std::vector<std::string>> texts_of(toml::node const& node) {
  if (auto const* text = node.as_string()) return {{text->get()}};
  if (auto const* number = node.as_integer()) return {{std::to_string(number->get())}};
  if (auto const* flag = node.as_boolean()) return {{flag->get() ? "true" : "false"}};
  if (auto const* decimal = node.as_floating_point()) {
    std::array<char, 512> text{};
    auto const end =
        std::to_chars(text.data(), text.data() + text.size(), decimal->get(), std::chars_format::fixed);
    return {{std::string(text.data(), end.ptr)}};
  }
  if (auto const* array = node.as_array()) {
    std::vector<std::string> all;
    for (auto const& element : *array) {
      auto const one = texts_of(element);
      if (!one || element.is_array()) return std::nullopt;
      all.push_back(one->front());
    }
    return all;
  }
  return std::nullopt;
}

// Keys at the top serve both programs; a [producer] or [consumer] table serves that one and wins.
Result<void> read_file(std::string const& origin_of_path, std::string const& path, std::string const& program,
                       std::vector<Command> const& commands, Command& command) {
  if (std::filesystem::is_directory(path))
    return Error(Errc::invalid, origin_of_path + ": \"" + path + "\" is a folder, not a TOML file");
  toml::table root;
  try {
    root = toml::parse_file(path);
  } catch (toml::parse_error const& error) {
    auto const line = error.source().begin.line;
    return Error(Errc::invalid, origin_of_path + ": \"" + path + "\"" +
                                    (line > 0 ? ", line " + std::to_string(line) : std::string()) + ": " +
                                    std::string(error.description()));
  }
  auto const take = [&](toml::table const& table, std::string const& prefix) -> Result<void> {
    for (auto const& [key, node] : table) {
      std::string const name(key.str());
      if (prefix.empty() && node.is_table() && (name == "producer" || name == "consumer")) continue;
      std::string const origin = prefix + name + " in " + path;
      if (!known_anywhere(commands, name)) {
        auto const near = nearest(commands, name);
        return Error(Errc::invalid, origin + ": " + program + " has no such option" +
                                        (near.empty() ? std::string() : "; did you mean " + near + "?"));
      }
      auto const option = std::find_if(command.options().begin(), command.options().end(),
                                       [&name](Option const& o) { return o.name == name; });
      if (option == command.options().end()) continue;  // another command's
      if (option->given()) continue;
      auto const texts = texts_of(node);
      if (!texts || (node.is_array() && !option->repeatable))
        return Error(Errc::invalid, origin + ": the value must be a text, a number or true or false");
      for (auto const& text : *texts) {
        auto assigned = assign(*option, text, origin);
        if (!assigned) return assigned;
      }
    }
    return {};
  };
  // The program's own table first: what it sets, the top does not.
  if (auto const* own = root[program].as_table()) {
    auto taken = take(*own, program + '.');
    if (!taken) return taken;
  }
  return take(root, "");
}

}  // namespace

void Command::add(std::string name, std::string placeholder, std::string help,
                  std::function<Result<void>(std::string_view)> assign_) {
  Option option;
  option.name = std::move(name);
  option.placeholder = std::move(placeholder);
  option.help = std::move(help);
  option.group = group_;
  option.assign = std::move(assign_);
  options_.push_back(std::move(option));
}

void Command::text(std::string name, std::string placeholder, std::string& target, std::string help) {
  add(std::move(name), std::move(placeholder), std::move(help),
      [&target](std::string_view text) -> Result<void> {
        if (text.empty()) return Error(Errc::invalid, "is empty");
        target = text;
        return {};
      });
}

void Command::texts(std::string name, std::string placeholder, std::vector<std::string>& target,
                    std::string help) {
  add(std::move(name), std::move(placeholder), std::move(help),
      [&target](std::string_view text) -> Result<void> {
        if (text.empty()) return Error(Errc::invalid, "is empty");
        target.emplace_back(text);
        return {};
      });
  options_.back().repeatable = true;
}

void Command::whole(std::string name, std::string placeholder, std::uint64_t& target, std::uint64_t least,
                    std::uint64_t most, std::string help) {
  add(std::move(name), std::move(placeholder), std::move(help),
      [&target, least, most](std::string_view text) -> Result<void> {
        auto const value = parse_whole(text, least, most);
        if (!value) return value.error();
        target = *value;
        return {};
      });
}

void Command::decimal(std::string name, std::string placeholder, double& target, std::string help) {
  add(std::move(name), std::move(placeholder), std::move(help),
      [&target](std::string_view text) -> Result<void> {
        auto const value = parse_decimal(text);
        if (!value) return value.error();
        target = *value;
        return {};
      });
}

void Command::duration(std::string name, std::string placeholder, std::chrono::microseconds& target,
                       std::string help) {
  add(std::move(name), std::move(placeholder), std::move(help),
      [&target](std::string_view text) -> Result<void> {
        auto const value = parse_duration(text);
        if (!value) return value.error();
        target = *value;
        return {};
      });
}

void Command::flag(std::string name, bool& target, std::string help) {
  add(std::move(name), "", std::move(help), [&target](std::string_view text) -> Result<void> {
    auto const value = parse_flag(text);
    if (!value) return value.error();
    target = *value;
    return {};
  });
}

std::string Command::origin(std::string_view name) const {
  auto const option =
      std::find_if(options_.begin(), options_.end(), [name](Option const& o) { return o.name == name; });
  return option == options_.end() ? std::string() : option->origin;
}

std::string Command::help(std::vector<Command> const& siblings) const {
  bool const is_default = &siblings.front() == this;
  std::string text = summary_ + "\n\nUsage: " + program_ + (is_default ? " [" + name_ + "]" : " " + name_) +
                     " [OPTIONS]" + (operands_.empty() ? "" : ' ' + operands_) + '\n';
  if (siblings.size() > 1) {
    text += "\nCommands:\n";
    for (auto const& command : siblings) {
      std::string line = "  " + program_ + ' ' + command.name_;
      line.resize(std::max<std::size_t>(line.size() + 2, 24), ' ');
      text += line + command.summary_ + (&command == &siblings.front() ? " (default)" : "") + '\n';
    }
  }
  std::string group;
  for (auto const& option : options_) {
    if (option.group != group) {
      group = option.group;
      text += '\n' + group + ":\n";
    }
    std::string line = "  --" + option.name + (option.placeholder.empty() ? "" : ' ' + option.placeholder);
    if (line.size() > 28) {
      text += line + '\n';
      line.clear();
    }
    line.resize(30, ' ');
    // Long explanations go on below, in their column.
    std::string_view rest = option.help;
    while (!rest.empty()) {
      auto cut = rest.size() <= 80 ? rest.size() : rest.rfind(' ', 80);
      if (cut == std::string_view::npos) cut = rest.size();
      text += line + std::string(rest.substr(0, cut)) + '\n';
      rest.remove_prefix(std::min(rest.size(), cut + 1));
      line.assign(30, ' ');
    }
  }
  text +=
      "\n  --help, --version           print this, or the version, and end\n"
      "\nEvery option is also an environment variable (--max-receives = EDW_MAX_RECEIVES) and a key of the "
      "TOML file\n"
      "that --config names. The command line wins, then the environment, then the file.\n";
  if (!footer_.empty()) text += '\n' + footer_;
  return text;
}

Result<Parsed> parse(std::string const& program, std::vector<Command>& commands, int argc,
                     char const* const* argv, base::Environment const& environment) {
  Parsed parsed;
  std::vector<std::string> words(argv + 1, argv + argc);
  parsed.command = &commands.front();
  if (!words.empty() && !words.front().starts_with('-')) {
    auto const named = std::find_if(commands.begin(), commands.end(),
                                    [&](Command const& command) { return command.name() == words.front(); });
    if (named == commands.end()) {
      std::string names;
      for (auto const& command : commands) names += (names.empty() ? "" : ", ") + command.name();
      return Error(Errc::invalid,
                   "\"" + words.front() + "\" is no command of " + program + ": use one of " + names);
    }
    parsed.command = &*named;
    words.erase(words.begin());
  }
  Command& command = *parsed.command;

  CLI::App cli;
  cli.set_help_flag();
  bool help = false;
  bool version = false;
  cli.add_flag("-h,--help", help);
  cli.add_flag("--version", version);
  std::vector<std::vector<std::string>> values(command.options().size());
  std::vector<CLI::Option*> seen(command.options().size());
  for (std::size_t i = 0; i < command.options().size(); ++i) {
    auto const& option = command.options()[i];
    if (option.placeholder.empty()) {
      seen[i] = cli.add_flag_function("--" + option.name, [](std::int64_t) {});
    } else {
      seen[i] = cli.add_option("--" + option.name, values[i])->expected(1)->take_all();
    }
  }
  if (auto* const target = command.operand_target())
    cli.add_option("operands", *target)->expected(0, CLI::detail::expected_max_vector_size);
  // A switch takes a value only as --name=value.
  std::erase_if(words, [&](std::string const& word) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto const& option = command.options()[i];
      std::string const start = "--" + option.name + '=';
      if (!option.placeholder.empty() || !word.starts_with(start)) continue;
      values[i].push_back(word.substr(start.size()));
      return true;
    }
    return false;
  });
  std::reverse(words.begin(), words.end());  // CLI11 takes words off the back
  try {
    cli.parse(words);
  } catch (CLI::ExtrasError const&) {
    auto const extra = cli.remaining();
    std::string const word = extra.empty() ? std::string("an argument") : extra.front();
    auto const name = word.starts_with("--") ? word.substr(2, word.find('=') - 2) : std::string();
    auto const near = nearest(commands, name);
    auto const owner = owner_of(commands, name);
    return Error(Errc::invalid, word + ": " + program + ' ' + command.name() + " has no such option" +
                                    (!owner.empty() ? "; " + program + ' ' + owner + " has it"
                                     : near.empty() ? "; see " + program + " --help"
                                                    : "; did you mean --" + near + "?"));
  } catch (CLI::ParseError const& error) {
    return Error(Errc::invalid, std::string(error.what()) + "; see " + program + " --help");
  }
  if (help) {
    parsed.print = command.help(commands);
    return parsed;
  }
  if (version) {
    parsed.print = version_line(program) + '\n';
    return parsed;
  }

  for (std::size_t i = 0; i < command.options().size(); ++i) {
    auto& option = command.options()[i];
    std::string const origin = "--" + option.name;
    if (option.placeholder.empty() && seen[i]->count() > 0) values[i].emplace_back("true");
    if (values[i].size() > 1 && !option.repeatable)
      return Error(Errc::invalid,
                   origin + " is given " + std::to_string(values[i].size()) + " times; give it once");
    for (auto const& value : values[i]) {
      auto const assigned = assign(option, value, origin);
      if (!assigned) return assigned.error();
    }
    if (option.given()) continue;
    if (auto const value = environment.get(variable_of(option.name))) {
      auto const assigned = assign(option, *value, variable_of(option.name) + " in the environment");
      if (!assigned) return assigned.error();
    }
  }
  for (auto const& variable : environment.names("EDW_")) {
    std::string name = base::lower(variable.substr(4));
    std::replace(name.begin(), name.end(), '_', '-');
    if (known_anywhere(commands, name)) continue;
    if (auto const near = nearest(commands, name); !near.empty())
      parsed.warnings.push_back(variable + " in the environment is no option of " + program +
                                "; did you mean " + variable_of(near) + "?");
  }
  auto const config = std::find_if(command.options().begin(), command.options().end(),
                                   [](Option const& option) { return option.name == "config"; });
  if (config != command.options().end() && config->given()) {
    std::string path;
    auto const index = static_cast<std::size_t>(config - command.options().begin());
    path = values[index].empty() ? environment.get("EDW_CONFIG").value_or("") : values[index].front();
    auto const read = read_file(config->origin, path, program, commands, command);
    if (!read) return read.error();
  }
  return parsed;
}

}  // namespace app
