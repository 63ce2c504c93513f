#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/client.hpp"

namespace storage::aws {

using base::Errc;
using base::Error;
using base::Result;
using base::Task;

// What a request was about, for sentences.
struct Target {
  std::string service;     // "SQS" or "DynamoDB"
  std::string iam;         // the prefix of its permissions: "sqs:" or "dynamodb:"
  std::string kind;        // "queue" or "table"
  std::string name;        // of the queue or table
  std::string region;      //
  std::string endpoint;    // "https://sqs.eu-west-1.amazonaws.com"
  std::string credential;  // "the keys of AWS_ACCESS_KEY_ID"
};

// What a service said of a failure: its code without prefix ("QueueDoesNotExist"), and its own words.
struct Fault {
  std::string code;
  std::string message;
};

// Reads `__type` of JSON, x-amzn-query-error, x-amzn-errortype, or the <Code> of an XML error. Nothing where
// none of them is there.
std::optional<Fault> parse_fault(http::Response const& response);

// The one place where a status and a service's code become what the caller does next. `status` 0: an entry of
// a batch.
Errc classify(int status, Fault const& fault);

// Nothing for a 2xx whose body is whole; else the Error with a sentence. `action` is the API's name,
// e.g. "SendMessageBatch".
std::optional<Error> failure(http::Response const& response, Target const& target, std::string_view action);
// The same for one entry of a batch that a 200 reported as failed.
Error entry_failure(Fault const& fault, bool sender_fault, Target const& target, std::string_view action);
// A 2xx reply that the decoder could not make sense of.
Error senseless(http::Response const& response, Target const& target, std::string_view action);

// The service refused the request for its date alone.
bool clock_refused(Fault const& fault);
// The credentials have expired, were revoked, or are not known (any more): others may be believed.
bool credentials_refused(Fault const& fault);

}  // namespace storage::aws
