#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.hpp"
#include "base/error.hpp"

// The shared files: docs.aws.amazon.com/sdkref/latest/guide/file-format.html
namespace auth::aws {

using Settings = std::map<std::string, std::string, std::less<>>;  // keys in lower case
using Profiles = std::map<std::string, Settings, std::less<>>;

enum class File { config, credentials, sso_sessions };

// [default] and [profile NAME] of a config file, [NAME] of a credentials file; sections of other kinds and
// the settings nested under a key are passed over. A comment begins with # or ; at the start of a line or
// after white space. invalid: a line that is none of these; the sentence has `path` and the line's number and
// never its text. As File::sso_sessions, the [sso-session NAME] of a config file in place of its profiles.
base::Result<Profiles> parse_profiles(std::string_view text, File kind, std::string const& path);

// Both files as one; where both have a setting the credentials file's holds. AWS_CONFIG_FILE (else
// HOME/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (else HOME/.aws/credentials); a default file that is not
// there is an empty one. invalid: a line as above, a file over 1 MiB, one that a variable names and that
// can't be read.
base::Result<Profiles> load_profiles(base::Environment const& environment);

// The sso-sessions of the config file, by name. invalid: as above.
base::Result<Profiles> load_sso_sessions(base::Environment const& environment);

}  // namespace auth::aws
