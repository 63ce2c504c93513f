#include "auth/aws/credential_process.hpp"

#include <nlohmann/json.hpp>

#include "auth/aws/replies.hpp"
#include "base/process.hpp"

namespace auth::aws {

namespace {

bool version_one(std::string const& text) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return false;
  auto const version = json.find("Version");
  return version != json.end() && version->is_number_integer() && *version == 1;
}

}  // namespace

std::optional<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      begun = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      begun = true;
    } else if (c == ' ' || c == '\t') {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  if (quote != 0 || words.empty() || words.front().empty()) return std::nullopt;
  return words;
}

CredentialProcess::CredentialProcess(Context const& context, std::vector<std::string> words,
                                     std::string profile)
    : context_(context), words_(std::move(words)), profile_(std::move(profile)) {}

std::string CredentialProcess::name() const {
  return "the credential_process of the profile \"" + profile_ + '"';
}

Task<Credentials> CredentialProcess::get() {
  base::Command command;
  command.words = words_;
  command.limit = std::chrono::seconds(60);
  auto const finished = co_await base::run_process(std::move(command), context_.environment, context_.clock);
  auto const who = "shared profile: " + name() + " (" + words_.front() + ") ";
  if (!finished) {
    Error error = finished.error();
    if (error.code != Errc::transient) error.code = Errc::denied;
    error.message = who + "gave no credentials: " + error.message;
    co_return error;
  }
  if (finished->status != 0)
    co_return Error(Errc::denied, who + "ended with status " + std::to_string(finished->status) +
                                      ": run it by hand to see why");
  auto const& text = finished->output.reveal();
  auto credentials = version_one(text) ? decode_json(text, "SessionToken") : std::nullopt;
  if (!credentials)
    co_return Error(Errc::denied,
                    who +
                        "did not print credentials: it must print one JSON object with Version 1, "
                        "AccessKeyId and SecretAccessKey");
  co_return std::move(*credentials);
}

}  // namespace auth::aws
