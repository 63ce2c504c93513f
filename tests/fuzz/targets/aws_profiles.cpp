// The shared config and credentials files.
#include "auth/aws/profiles.hpp"
#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::aws;

namespace {

// As a file again, without what needs nesting or comments.
std::string written(Profiles const& profiles) {
  std::string text;
  for (auto const& [name, settings] : profiles) {
    text += '[' + name + "]\n";
    for (auto const& [key, value] : settings)
      if (!value.empty()) text += key + '=' + value + '\n';
  }
  return text;
}

}  // namespace

void fuzz::aws_profiles(std::string_view input) {
  for (auto const kind : {File::config, File::credentials}) {
    auto const profiles = parse_profiles(input, kind, "file");
    if (!profiles) {
      must_be_told(profiles.error());
      continue;
    }
    for (auto const& [name, settings] : *profiles)
      for (auto const& [key, value] : settings) {
        must(key == base::lower(key), "keys are in lower case");
        must(value.find('\n') == value.npos, "a value is of one line");
      }
    if (kind == File::config) continue;
    auto const again = parse_profiles(written(*profiles), kind, "file");
    must(again.has_value(), "profiles that were read can be read again");
    must(again->size() == profiles->size(), "no profile is lost or made up");
  }
}
