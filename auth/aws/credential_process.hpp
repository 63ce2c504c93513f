#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"

namespace auth::aws {

// Split into words as a shell would: white space separates, quotes of both kinds hold together, a backslash
// keeps the next character. Nothing where a quote is not closed or no word is left.
std::optional<std::vector<std::string>> split_command(std::string_view text);

// A program named by a profile that prints credentials as JSON:
// docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
class CredentialProcess final : public Source {
 public:
  CredentialProcess(Context const& context, std::vector<std::string> words, std::string profile);
  // Runs it, for at most 60 seconds. denied: it is not there, failed, or printed something else. What it
  // wrote is never repeated.
  Task<Credentials> get() override;
  std::string name() const override;

 private:
  Context context_;
  std::vector<std::string> words_;
  std::string profile_;
};

}  // namespace auth::aws
