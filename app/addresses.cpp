#include "app/addresses.hpp"

namespace app {

using base::Errc;
using base::Error;

namespace {

constexpr auto both_or_none =
    "; give both, so that results never land in a pod's file system by oversight (or neither, for the "
    "embedded default)";

// "us-east-1" of "https://sqs.us-east-1.amazonaws.com/…"; empty where the host does not say.
std::string region_of(std::string const& queue_url) {
  auto const start = queue_url.find("://sqs.");
  auto const end = queue_url.find(".amazonaws.com");
  if (start == std::string::npos || end == std::string::npos || end < start + 7) return {};
  return queue_url.substr(start + 7, end - start - 7);
}

base::Result<Addresses> from_azure(base::Environment const& environment, Need need) {
  auto const queue = environment.get("AZURE_QUEUE_NAME");
  // What the sample's Deployment called its table in its first year. It counts beside a queue alone: by
  // itself it says nothing of a workload like this one.
  bool const old_name =
      queue && !environment.has("AZURE_TABLE_NAME") && environment.has("AZURE_COSMOSDB_TABLE");
  std::string const table_name = old_name ? "AZURE_COSMOSDB_TABLE" : "AZURE_TABLE_NAME";
  auto const table = environment.get(table_name);
  if (need == Need::both && queue.has_value() != table.has_value())
    return Error(Errc::invalid,
                 queue ? std::string("AZURE_QUEUE_NAME is set in the environment without AZURE_TABLE_NAME") +
                             both_or_none
                       : std::string("AZURE_TABLE_NAME is set in the environment without AZURE_QUEUE_NAME") +
                             both_or_none);
  auto const account = environment.get("AZURE_STORAGE_ACCOUNT_NAME");
  if (!account && !environment.has("AZURE_STORAGE_CONNECTION_STRING"))
    return Error(Errc::invalid,
                 "AZURE_QUEUE_NAME or AZURE_TABLE_NAME is set in the environment, but not the account: set "
                 "AZURE_STORAGE_ACCOUNT_NAME too");
  std::string const prefix = account ? "azure://" + *account + '/' : std::string("azure:");
  return Addresses{queue ? prefix + *queue : std::string(), table ? prefix + *table : std::string(),
                   "AZURE_QUEUE_NAME in the environment", table_name + " in the environment", false};
}

base::Result<Addresses> from_aws(base::Environment const& environment, Need need) {
  auto const queue = environment.get("SQS_QUEUE_URL");
  auto const table = environment.get("DYNAMODB_TABLE");
  if (need == Need::both && queue.has_value() != table.has_value())
    return Error(
        Errc::invalid,
        queue ? std::string("SQS_QUEUE_URL is set in the environment without DYNAMODB_TABLE") + both_or_none
              : std::string("DYNAMODB_TABLE is set in the environment without SQS_QUEUE_URL") + both_or_none);
  Addresses found;
  found.queue_origin = "SQS_QUEUE_URL in the environment";
  found.table_origin = "DYNAMODB_TABLE in the environment";
  if (queue) found.queue = *queue;
  if (table) {
    bool const told = environment.has("AWS_REGION") || environment.has("AWS_DEFAULT_REGION");
    std::string const region = told || !queue ? std::string() : region_of(*queue);
    found.table = region.empty() ? "aws:" + *table : "aws://" + region + '/' + *table;
  }
  return found;
}

}  // namespace

base::Result<Addresses> addresses(Command const& command, std::string const& queue, std::string const& table,
                                  Need need, base::Environment const& environment) {
  if (!queue.empty() || !table.empty()) {
    if (need != Need::table && queue.empty())
      return Error(Errc::invalid, command.origin("table") + " is given without --queue" +
                                      (need == Need::both ? both_or_none : "; say which queue to send to"));
    if (need != Need::queue && table.empty())
      return Error(Errc::invalid, command.origin("queue") + " is given without --table" +
                                      (need == Need::both ? both_or_none : "; say which table to look into"));
    return Addresses{queue, table, command.origin("queue"), command.origin("table"), false};
  }
  bool const azure = environment.has("AZURE_QUEUE_NAME") || environment.has("AZURE_TABLE_NAME");
  bool const aws = environment.has("SQS_QUEUE_URL") || environment.has("DYNAMODB_TABLE");
  if (azure && aws)
    return Error(
        Errc::invalid,
        "the environment names an Azure queue or table (AZURE_QUEUE_NAME, AZURE_TABLE_NAME) and an AWS one "
        "(SQS_QUEUE_URL, DYNAMODB_TABLE): unset one pair, or give --queue and --table");
  if (azure || aws) {
    auto found = azure ? from_azure(environment, need) : from_aws(environment, need);
    if (!found) return found;
    if (need == Need::queue && found->queue.empty())
      return Error(Errc::invalid, azure
                                      ? "AZURE_TABLE_NAME is set in the environment without AZURE_QUEUE_NAME"
                                      : "DYNAMODB_TABLE is set in the environment without SQS_QUEUE_URL");
    if (need == Need::table && found->table.empty())
      return Error(Errc::invalid, azure
                                      ? "AZURE_QUEUE_NAME is set in the environment without AZURE_TABLE_NAME"
                                      : "SQS_QUEUE_URL is set in the environment without DYNAMODB_TABLE");
    return found;
  }
  return Addresses{"sqlite:edw.db#messages", "sqlite:edw.db#results", "--queue", "--table", true};
}

base::Error complaint(std::string const& origin, base::Error error) {
  if (!origin.empty()) error.message = origin + ": " + error.message;
  return error;
}

base::Error unopened(Addresses const& where, base::Error error) {
  if (where.by_default)
    error.message +=
        "; that is the embedded default, taken because no queue and table were named: to use others, give "
        "--queue and --table, or EDW_QUEUE and EDW_TABLE in the environment";
  return error;
}

}  // namespace app
