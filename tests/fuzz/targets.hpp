#pragma once

#include <array>
#include <string_view>

// What is fuzzed: each target takes any bytes, gives them to decoders, and dies by must() where a decoder
// breaks a promise. libFuzzer runs one of them in a program of its own; replay runs them all on their
// corpora.
namespace fuzz {

using Target = void(std::string_view input);

Target aws_credentials, aws_profiles, azure_errors, batch_reply, config_toml, connection_string, dead_letters,
    dynamodb_replies, encodings, entra_token, http_replies, load_texts, manifests, message_body,
    option_values, queue_xml, retry_after, sas, sqs_replies, sts_xml, table_json, uris, worker_lines;

struct Named {
  std::string_view name;
  Target* run;
};

inline constexpr std::array<Named, 23> targets{{
    {"aws_credentials", aws_credentials},
    {"aws_profiles", aws_profiles},
    {"azure_errors", azure_errors},
    {"batch_reply", batch_reply},
    {"config_toml", config_toml},
    {"connection_string", connection_string},
    {"dead_letters", dead_letters},
    {"dynamodb_replies", dynamodb_replies},
    {"encodings", encodings},
    {"entra_token", entra_token},
    {"http_replies", http_replies},
    {"load_texts", load_texts},
    {"manifests", manifests},
    {"message_body", message_body},
    {"option_values", option_values},
    {"queue_xml", queue_xml},
    {"retry_after", retry_after},
    {"sas", sas},
    {"sqs_replies", sqs_replies},
    {"sts_xml", sts_xml},
    {"table_json", table_json},
    {"uris", uris},
    {"worker_lines", worker_lines},
}};

}  // namespace fuzz
