// STS's replies: credentials and refusals.
#include <algorithm>

#include "auth/aws/replies.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::aws;

void fuzz::sts_xml(std::string_view input) {
  if (auto const credentials = decode_sts(input)) {
    must(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty() &&
             !credentials->session_token.empty() && credentials->expires_at,
         "STS gives keys of a role, which expire");
    for (auto const* text : {&credentials->access_key_id, &credentials->secret_access_key.reveal(),
                             &credentials->session_token.reveal()})
      must(is_sentence(*text) && text->find(' ') == text->npos, "a key fits into a header");
  }
  auto const refusal = decode_refusal(input);
  must(refusal.code.empty() || is_sentence(refusal.code), "a code is one line");
  must(refusal.message.empty() || is_sentence(refusal.message), "a reason is one line");
  must(refusal.message.size() <= 300 && refusal.code.size() <= 100, "a reason is short");
  http::Response response;
  response.body = input;
  for (int const status : {400, 403, 429, 500, 503}) {
    response.status = status;
    auto const error = policy().classify(response);
    must(error.has_value(), "what is no success is a failure");
    if (status >= 500)
      must(error->code == base::Errc::transient || error->code == base::Errc::throttled,
           "5xx is tried again");
  }
}
