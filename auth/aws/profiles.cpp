#include "auth/aws/profiles.hpp"

#include <fstream>

#include "base/encoding.hpp"

namespace auth::aws {

namespace {

using base::Errc;
using base::Error;
using base::Result;

bool blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] == '#' || text[i] == ';') && (i == 0 || blank(text[i - 1]))) return text.substr(0, i);
  return text;
}

// The profile that a section's heading names; nothing for a section of another kind.
std::optional<std::string> profile_of(std::string_view heading, File kind) {
  heading = base::trim(heading);
  bool const sessions = kind == File::sso_sessions;
  if (kind == File::credentials || (heading == "default" && !sessions)) return std::string(heading);
  std::string_view const word = sessions ? "sso-session" : "profile";
  if (!heading.starts_with(word) || heading.size() == word.size() || !blank(heading[word.size()]))
    return std::nullopt;
  return std::string(base::trim(heading.substr(word.size())));
}

Result<Profiles> read_file(std::string const& path, bool must_exist, File kind, char const* variable) {
  constexpr std::size_t limit = std::size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (!must_exist) return Profiles();
    return Error(Errc::invalid, std::string("shared profile: ") + variable + " names " + path +
                                    ", which can't be read: correct the path, or unset the variable");
  }
  std::string text(limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > limit)
    return Error(Errc::invalid, "shared profile: " + path + " is over 1 MiB: it is no file of profiles");
  return parse_profiles(text, kind, path);
}

Result<Profiles> read_shared(base::Environment const& environment, char const* variable, char const* name,
                             File kind) {
  auto const home = environment.get("HOME").value_or("");
  auto const path = environment.get(variable);
  if (!path && home.empty()) return Profiles();
  return read_file(path ? *path : home + "/.aws/" + name, path.has_value(), kind, variable);
}

}  // namespace

Result<Profiles> parse_profiles(std::string_view text, File kind, std::string const& path) {
  Profiles profiles;
  Settings* settings = nullptr;
  Settings ignored;
  bool nested = false;
  int number = 0;
  auto const malformed = [&](std::string const& why) {
    return Error(Errc::invalid,
                 "shared profile: " + path + ", line " + std::to_string(number) + ' ' + why + ": correct it");
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    ++number;
    auto const end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    bool const indented = !line.empty() && blank(line.front());
    line = base::trim(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (indented && nested) continue;
    nested = false;
    if (line.front() == '[') {
      auto const close = line.find(']');
      if (close == line.npos) return malformed("opens a [section] and does not close it");
      auto const profile = profile_of(line.substr(1, close - 1), kind);
      settings = profile ? &profiles[*profile] : &ignored;
      continue;
    }
    auto const equals = line.find('=');
    if (equals == line.npos || equals == 0)
      return malformed("is neither [section], key = value nor a comment");
    if (!settings) return malformed("stands before the first [section]");
    auto const value = base::trim(without_comment(line.substr(equals + 1)));
    nested = value.empty();
    (*settings)[base::lower(base::trim(line.substr(0, equals)))] = value;
  }
  return profiles;
}

Result<Profiles> load_profiles(base::Environment const& environment) {
  auto profiles = read_shared(environment, "AWS_CONFIG_FILE", "config", File::config);
  if (!profiles) return profiles;
  auto const credentials =
      read_shared(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials", File::credentials);
  if (!credentials) return credentials.error();
  for (auto const& [name, settings] : *credentials) {
    auto& merged = (*profiles)[name];
    for (auto const& [key, value] : settings) merged[key] = value;
  }
  return profiles;
}

Result<Profiles> load_sso_sessions(base::Environment const& environment) {
  return read_shared(environment, "AWS_CONFIG_FILE", "config", File::sso_sessions);
}

}  // namespace auth::aws
