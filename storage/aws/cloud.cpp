#include "storage/aws/cloud.hpp"

#include <map>

#include "auth/aws/chain.hpp"
#include "auth/aws/replies.hpp"
#include "auth/aws/sigv4.hpp"
#include "auth/core/refreshing.hpp"
#include "base/encoding.hpp"
#include "base/time.hpp"
#include "http/logging.hpp"
#include "http/retrying.hpp"
#include "storage/aws/queue.hpp"
#include "storage/aws/queue_examination.hpp"
#include "storage/aws/table.hpp"
#include "storage/aws/table_examination.hpp"

namespace storage::aws {

namespace {

using namespace std::chrono_literals;

struct Family {
  std::string name;     // for sentences
  std::string signing;  // in the signature's scope
  std::string iam;
  std::string kind;
  std::string prefix;  // of X-Amz-Target
};

Family sqs_family() { return {"SQS", "sqs", "sqs:", "queue", "AmazonSQS."}; }
Family dynamodb_family() { return {"DynamoDB", "dynamodb", "dynamodb:", "table", "DynamoDB_20120810."}; }

// Figures of the AWS SDKs' standard retry mode.
http::RetryPolicy policy_for(Family const& family) {
  http::RetryPolicy policy;
  bool const dynamodb = family.signing == "dynamodb";
  policy.max_attempts = dynamodb ? 4 : 3;
  policy.transient_base = dynamodb ? 25ms : 50ms;
  policy.hint_slack = 5s;
  return policy;
}

http::Retries* counters(Context const& context, Family const& family) {
  if (context.traffic == nullptr) return nullptr;
  return family.signing == "dynamodb" ? &context.traffic->table : &context.traffic->queue;
}

// The layers for one service in one region: retrying, then signing, so that every attempt has a fresh date,
// and one more attempt with other credentials where the service says that these have expired.
class Layers {
 public:
  Layers(Context const& context, http::Client& inner, auth::aws::Source& source, http::RetryQuota& quota,
         Family const& family, std::string const& region, http::RetryPolicy policy)
      : signer_(source, region, family.signing, context.clock),
        signing_(inner, signer_, &Layers::expired),
        retrying_(signing_, with_classify(std::move(policy), family), quota, context.clock, context.random,
                  context.log, context.gates, counters(context, family)) {}

  http::Client& client() { return retrying_; }

 private:
  http::RetryPolicy with_classify(http::RetryPolicy policy, Family const& family) {
    Target target;
    target.service = family.name;
    target.kind = family.kind;
    policy.classify = [this, target](http::Response const& response) {
      if (!response.ok()) follow_clock(response);
      return failure(response, target, "the request");
    };
    return policy;
  }
  static bool expired(http::Response const& response) {
    if (response.status < 400 || response.status >= 500) return false;
    auto const fault = parse_fault(response);
    return fault && credentials_refused(*fault);
  }
  // A request refused for its date alone is dated by the service's clock from then on.
  void follow_clock(http::Response const& response) {
    auto const fault = parse_fault(response);
    auto const date = response.headers.find("Date");
    auto const now = date ? base::parse_http_date(*date) : std::nullopt;
    if (fault && clock_refused(*fault) && now) signer_.set_clock(*now);
  }

  auth::aws::SigV4 signer_;
  auth::Refreshing signing_;
  http::Retrying retrying_;
};

class AwsCloud final : public Cloud {
 public:
  explicit AwsCloud(Context const& context)
      : context_(context),
        logging_(context.transport, context.clock, context.log),
        credentials_client_(logging_, auth::aws::policy(), credentials_quota_, context.clock, context.random,
                            context.log, nullptr, context.traffic ? &context.traffic->identity : nullptr),
        queues_(shared(sqs_family())),
        tables_(shared(dynamodb_family())) {
    settings_ = read_settings();
    // DynamoDB hands back what it has no room for at once and all the time: no reason to wait a second, nor
    // to give up early. These are parts of requests that succeeded, so AWS_MAX_ATTEMPTS only raises the
    // number.
    tables_.policy.throttle_base = tables_.policy.transient_base;
    tables_.policy.max_attempts = std::max(8, tables_.policy.max_attempts);
  }

  bool claims(Uri const& uri) const override { return aws::claims(uri); }
  Systems systems() const override { return {"aws_sqs", "aws_dynamodb"}; }

  Result<std::unique_ptr<Queue>> queue(Uri const& uri) override {
    if (!settings_) return settings_.error();
    auto endpoint = queue_endpoint(uri, context_.environment);
    if (!endpoint) return endpoint.error();
    auto made = service(sqs_family(), std::move(*endpoint));
    return std::unique_ptr<Queue>(std::make_unique<SqsQueue>(std::move(made), queues_));
  }

  Result<std::unique_ptr<Table>> table(Uri const& uri) override {
    if (!settings_) return settings_.error();
    auto endpoint = table_endpoint(uri, context_.environment);
    if (!endpoint) return endpoint.error();
    auto made = service(dynamodb_family(), std::move(*endpoint));
    return std::unique_ptr<Table>(std::make_unique<DynamoTable>(std::move(made), tables_));
  }

  Result<std::unique_ptr<Examination>> examine_queue(Uri const& uri, QueueUse const& use) override {
    if (!settings_) return settings_.error();
    auto endpoint = queue_endpoint(uri, context_.environment);
    if (!endpoint) return endpoint.error();
    auto made = service(sqs_family(), std::move(*endpoint));
    return std::unique_ptr<Examination>(std::make_unique<QueueExamination>(
        std::move(made), Actor{*source_, passed_over_}, context_.clock, context_.random, use));
  }

  Result<std::unique_ptr<Examination>> examine_table(Uri const& uri, TableUse const& use) override {
    if (!settings_) return settings_.error();
    auto endpoint = table_endpoint(uri, context_.environment);
    if (!endpoint) return endpoint.error();
    auto made = service(dynamodb_family(), std::move(*endpoint));
    return std::unique_ptr<Examination>(std::make_unique<TableExamination>(
        std::move(made), Actor{*source_, passed_over_}, context_.clock, context_.random, use));
  }

 private:
  Shared shared(Family const& family) {
    return {context_.clock, context_.random,           context_.log, quota_, policy_for(family),
            context_.gates, counters(context_, family)};
  }

  Result<> read_settings() {
    if (auto const text = context_.environment.get("AWS_MAX_ATTEMPTS")) {
      auto const attempts = base::parse_u64(*text);
      if (!attempts || *attempts == 0 || *attempts > 100)
        return Error(Errc::invalid, "AWS_MAX_ATTEMPTS is \"" + *text + "\": write a number from 1 to 100");
      max_attempts_ = static_cast<int>(*attempts);
      queues_.policy.max_attempts = *max_attempts_;
      tables_.policy.max_attempts = *max_attempts_;
    }
    auto const mode = context_.environment.get("AWS_RETRY_MODE").value_or("standard");
    if (mode == "legacy" || mode == "adaptive")
      context_.log.write(base::Level::warning,
                         "AWS_RETRY_MODE=" + mode + " is not offered: retries follow \"standard\"");
    else if (mode != "standard")
      return Error(Errc::invalid, "AWS_RETRY_MODE is \"" + mode + "\": the only mode offered is standard");
    return {};
  }

  // Where credentials come from, chosen once. STS has endpoints by region: where the environment names none,
  // that of the first URI serves.
  auth::aws::Source& source(std::string const& region) {
    if (source_) return *source_;
    auto choice = auth::aws::choose_source({credentials_client_, logging_, context_.clock, context_.random,
                                            context_.environment, context_.log, region,
                                            context_.traffic ? &context_.traffic->renewals : nullptr});
    source_ = std::move(choice.source);
    passed_over_ = std::move(choice.passed_over);
    return *source_;
  }

  Service service(Family const& family, Endpoint endpoint) {
    auto& layers = layers_[{family.signing, endpoint.region}];
    if (!layers) {
      auto policy = policy_for(family);
      if (max_attempts_) policy.max_attempts = *max_attempts_;
      layers = std::make_unique<Layers>(context_, logging_, source(endpoint.region), quota_, family,
                                        endpoint.region, std::move(policy));
    }
    if (!endpoint.origin.secure() && !endpoint.origin.loopback())
      context_.log.write(base::Level::warning, "requests to " + endpoint.origin.to_string() +
                                                   " go unencrypted, with any session token: use https");
    Target target;
    target.service = family.name;
    target.iam = family.iam;
    target.kind = family.kind;
    target.name = endpoint.name;
    target.region = endpoint.region;
    target.endpoint = endpoint.origin.to_string();
    target.credential = source(endpoint.region).name();
    return {layers->client(), std::move(endpoint), std::move(target), family.prefix};
  }

  Context context_;
  http::RetryQuota quota_;
  http::RetryQuota credentials_quota_;  // of its own: a failing queue must not keep us from new credentials
  http::Logging logging_;
  http::Retrying credentials_client_;
  std::unique_ptr<auth::aws::Source> source_;
  std::string passed_over_;  // before it in the chain
  std::optional<int> max_attempts_;
  Shared queues_;
  Shared tables_;
  Result<> settings_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Layers>> layers_;  // by service and region
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(Context context) { return std::make_unique<AwsCloud>(context); }

}  // namespace storage::aws
