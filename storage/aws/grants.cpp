#include "storage/aws/grants.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace storage::aws {

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

std::string arn(std::string_view service, std::string_view region, std::string_view account,
                std::string_view resource) {
  std::string partition = "aws";
  if (region.starts_with("cn-")) partition = "aws-cn";
  if (region.starts_with("us-gov-")) partition = "aws-us-gov";
  return "arn:" + partition + ':' + std::string(service) + ':' + std::string(region) + ':' +
         std::string(account) + ':' + std::string(resource);
}

// A count that policies write as a number or as text.
std::uint64_t count_of(nlohmann::json const& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_string()) return base::parse_u64(value.get_ref<std::string const&>()).value_or(0);
  return 0;
}

}  // namespace

std::string queue_arn(std::string_view region, std::string_view account, std::string_view name) {
  return arn("sqs", region, account, name);
}

std::string table_arn(std::string_view region, std::string_view account, std::string_view name) {
  return arn("dynamodb", region, account, "table/" + std::string(name));
}

std::string account_of(std::string_view queue_url) {
  auto const name = queue_url.rfind('/');
  if (name == queue_url.npos || name < 13) return "*";
  auto const account = queue_url.substr(name - 12, 12);
  bool const digits =
      std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && queue_url[name - 13] == '/' ? std::string(account) : "*";
}

std::string statement(std::vector<std::string> const& actions, std::string_view resource) {
  nlohmann::ordered_json json;
  json["Effect"] = "Allow";
  json["Action"] = actions;
  json["Resource"] = resource;
  return json.dump();
}

bool permission_denied(Error const& error) {
  return error.code == Errc::denied &&
         (contains(error.service_code, "AccessDenied") || error.service_code == "NotAuthorized" ||
          error.service_code == "UnauthorizedOperation");
}

bool key_denied(Error const& error) {
  return permission_denied(error) &&
         (contains(base::lower(error.service_code), "kms") || contains(error.message, "kms:"));
}

std::string resource_in(std::string_view message) {
  constexpr std::string_view before = "on resource: ";
  auto const found = message.find(before);
  if (found == message.npos) return {};
  auto const text = message.substr(found + before.size());
  if (!text.starts_with("arn:")) return {};
  auto resource = std::string(text.substr(0, text.find_first_of(" ,\"'")));
  return resource.ends_with('.') ? resource.substr(0, resource.size() - 1) : resource;
}

std::string denial_remedy(Error const& error, std::vector<std::string> const& actions,
                          std::string const& resource) {
  if (contains(error.message, "explicit deny"))
    return "a policy denies it explicitly, over which no other rules: find the statement with \"Deny\" and "
           "take it back";
  auto const named = resource_in(error.message);
  if (key_denied(error))
    return "add to the role's policy, and allow the role in the key's: " +
           statement({"kms:GenerateDataKey", "kms:Decrypt"},
                     named.empty() ? "THE-QUEUE'S-KMS-KEY-ARN" : named);
  return "add to the policy of the role or user: " + statement(actions, named.empty() ? resource : named);
}

std::optional<Redrive> parse_redrive(std::string_view policy) {
  auto const json = nlohmann::json::parse(policy, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Redrive redrive;
  if (auto const count = json.find("maxReceiveCount"); count != json.end())
    redrive.max_receives = count_of(*count);
  if (auto const target = json.find("deadLetterTargetArn"); target != json.end() && target->is_string())
    redrive.target = target->get<std::string>();
  if (redrive.max_receives == 0) return std::nullopt;
  return redrive;
}

std::vector<std::string> queue_warnings(QueueFacts const& facts, QueueUse const& use) {
  std::vector<std::string> warnings;
  auto const ours = std::to_string(use.max_receives);
  if (auto const redrive = parse_redrive(facts.redrive_policy); redrive && use.receive) {
    auto const theirs = std::to_string(redrive->max_receives);
    if (redrive->max_receives < use.max_receives)
      warnings.push_back("the queue's redrive policy dead-letters a message after " + theirs +
                         " receives, before --max-receives " + ours +
                         " is reached, and kills and hand-backs count: raise maxReceiveCount to " + ours +
                         ", or lower --max-receives to " + theirs);
    if (redrive->max_receives > use.max_receives)
      warnings.push_back(
          "the queue's redrive policy rules: a message that fails goes to the dead letters after " + theirs +
          " receives, not after --max-receives " + ours + ": make the two equal");
    if (redrive->max_receives == 1)
      warnings.push_back(
          "the queue's redrive policy dead-letters at the second delivery: one consumer that is ended in "
          "mid-work is "
          "enough; set maxReceiveCount to 5 or more");
  }
  auto const needed = static_cast<std::uint64_t>(use.lease.count()) * use.max_receives;
  if (facts.retention && use.receive && *facts.retention <= needed)
    warnings.push_back("the queue keeps a message for " + std::to_string(*facts.retention) +
                       " s, which --max-receives " + ours + " with leases of " +
                       std::to_string(use.lease.count()) +
                       " s may outlast: such messages are lost without a dead letter; raise the queue's "
                       "MessageRetentionPeriod");
  if (facts.delay && *facts.delay > 0)
    warnings.push_back("the queue hides each new message for " + std::to_string(*facts.delay) +
                       " s (DelaySeconds), which counts in every end-to-end time");
  if (!facts.key.empty() && !facts.key.ends_with("alias/aws/sqs"))
    warnings.push_back(
        "the queue is encrypted with the key " + facts.key +
        ": sending takes kms:GenerateDataKey and kms:Decrypt on it, receiving kms:Decrypt, which only "
        "--probe tries");
  return warnings;
}

}  // namespace storage::aws
