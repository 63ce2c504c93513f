#include "auth/azure/azure_cli.hpp"

#include "base/process.hpp"

namespace auth::azure {

Task<AccessToken> AzureCli::get() {
  base::Command command;
  command.words = {"az",   "account",    "get-access-token",           "--output",
                   "json", "--resource", std::string(storage_resource)};
  if (!base::find_program(command.words.front(), around_.environment))
    co_return Error(Errc::absent, "there is no program \"az\" in PATH");
  auto const asked_at = around_.clock.system();
  auto const done = co_await base::run_process(std::move(command), around_.environment, around_.clock);
  if (!done) {
    auto error = done.error();
    error.message = "Azure CLI got no token: " + error.message;
    co_return error;
  }
  if (done->status == 0) co_return decode_token_text("Azure CLI", done->output.reveal(), asked_at, true);
  if (done->errors.find("az login") != std::string::npos)
    co_return Error(Errc::absent, "az is not logged in, or its login has expired: run az login");
  auto const said = harmless_line(done->errors, {});
  co_return Error(Errc::denied, "Azure CLI got no token: az ended with status " +
                                    std::to_string(done->status) + (said.empty() ? "" : ", " + said) +
                                    "; run az account get-access-token to see why");
}

}  // namespace auth::azure
