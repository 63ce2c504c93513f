// Credentials as JSON: of the container endpoint, the metadata service and credential_process.
#include "auth/aws/replies.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::aws;

void fuzz::aws_credentials(std::string_view input) {
  for (auto const* name : {"Token", "SessionToken"}) {
    auto const credentials = decode_json(input, name);
    if (!credentials) continue;
    must(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty(),
         "credentials are a pair of keys");
    for (auto const* text : {&credentials->access_key_id, &credentials->secret_access_key.reveal(),
                             &credentials->session_token.reveal()})
      must(text->empty() || (is_sentence(*text) && text->find(' ') == text->npos),
           "a key fits into a header");
  }
}
