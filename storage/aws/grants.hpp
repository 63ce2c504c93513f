#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/aws/errors.hpp"
#include "storage/core/examination.hpp"

// What IAM policies say, as pure functions.
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
namespace storage::aws {

// "arn:aws:sqs:eu-west-1:123456789012:work", also of the other partitions. `account` may be "*".
std::string queue_arn(std::string_view region, std::string_view account, std::string_view name);
std::string table_arn(std::string_view region, std::string_view account, std::string_view name);
// The account's 12 digits in a queue URL's path; "*" where there are none.
std::string account_of(std::string_view queue_url);

// The statement of a policy that allows these actions on the resource, on one line.
std::string statement(std::vector<std::string> const& actions, std::string_view resource);

// Whether the service believed the credential and denied it a permission.
bool permission_denied(Error const& error);
// Whether the permission is one on the queue's key, not on the queue.
bool key_denied(Error const& error);
// "arn:…" of what the service's words name as the resource; empty where they name none.
std::string resource_in(std::string_view message);
// What grants `actions` after such a denial.
std::string denial_remedy(Error const& error, std::vector<std::string> const& actions,
                          std::string const& resource);

// A queue's own settings, as far as they are told.
struct QueueFacts {
  std::string redrive_policy;                     // JSON; empty: none
  std::optional<std::uint64_t> retention, delay;  // seconds
  std::string key;                                // of its encryption; empty: the service's own
};
struct Redrive {
  std::uint64_t max_receives = 0;
  std::string target;  // ARN
};
std::optional<Redrive> parse_redrive(std::string_view policy);

// What in these settings goes against how the programs are to use the queue; sentences.
std::vector<std::string> queue_warnings(QueueFacts const& facts, QueueUse const& use);

}  // namespace storage::aws
