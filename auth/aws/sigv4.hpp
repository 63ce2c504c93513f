#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/aws/credentials.hpp"
#include "auth/core/refreshing.hpp"
#include "base/clock.hpp"

// AWS Signature Version 4, in the stages of its own description:
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
namespace auth::aws {

// The first stage: one text for all ways to write the same request.
struct Canonical {
  std::string text;
  std::string signed_headers;  // "content-type;host;x-amz-date"
};

// The path as it is signed: dots and doubled slashes resolved, then every segment percent-encoded once more
// (so a path that is encoded already is encoded twice, as all services but S3 want it).
std::string canonical_path(std::string_view path);
// Parameters of a query as it stands on the wire, sorted by name, then value.
std::string canonical_query(std::string_view query);
// `headers` are those to sign, in any order; `payload_hash` is the body's SHA-256 in hex.
Canonical canonical_request(std::string_view method, std::string_view target,
                            std::vector<http::Header> headers, std::string_view payload_hash);

// "20150830/us-east-1/sqs/aws4_request". `date` is the first eight digits of the time.
std::string scope(std::string_view date, std::string_view region, std::string_view service);
// `time` as 20150830T123600Z.
std::string string_to_sign(std::string_view time, std::string_view scope, std::string_view canonical_text);
base::Secret signing_key(base::Secret const& secret_access_key, std::string_view date,
                         std::string_view region, std::string_view service);
// The value of the Authorization header.
std::string authorization(std::string_view access_key_id, std::string_view scope,
                          std::string_view signed_headers, base::Secret const& key,
                          std::string_view text_to_sign);

// Signs for one service in one region: sets X-Amz-Date, X-Amz-Security-Token and Authorization, and signs
// these, the host, the content type and every other x-amz-* header.
class SigV4 final : public Renewable {
 public:
  SigV4(Source& source, std::string region, std::string service, base::Clock& clock);
  Task<> sign(http::Request& request) override;
  // False also for keys that last: no fetching changes what the service thinks of them.
  bool renew(http::Request const& sent, http::Response const& refusal) override;
  // The service's clock, from its reply: requests are dated by it from now on. Skewed requests are refused.
  void set_clock(base::System service_now);

 private:
  base::Secret const& key_for(Credentials const& credentials, std::string const& date);

  Source& source_;
  std::string region_;
  std::string service_;
  base::Clock& clock_;
  base::System::duration skew_{0};  // the service's clock less ours
  Credentials used_;                // by the last signature
  // The key changes once a day, and with the credentials; making it costs four HMACs.
  std::string key_date_;
  base::Secret key_secret_;
  base::Secret key_;
};

}  // namespace auth::aws
