#include <cstdlib>
#include <map>
#include <stdexcept>

#include "auth/aws/sigv4.hpp"
#include "auth/core/signing.hpp"
#include "base/random.hpp"
#include "conformance/backend.hpp"
#include "fakes/run.hpp"
#include "http/curl/client.hpp"
#include "storage/aws/cloud.hpp"
#include "storage/core/uri.hpp"

namespace {

std::string required(char const* name) {
  auto const* value = std::getenv(name);
  if (value && *value) return value;
  throw std::runtime_error(std::string(name) +
                           " is not set: run ./test.sh, or tests/emulators/up --env FILE and source FILE, "
                           "which starts moto");
}

// How the user names things, and what they find there.
enum class Style {
  plain,      // aws:NAME; a standard queue and a table that we make
  fifo,       // a FIFO queue, and a table with the AWS sample's key schema
  hash_only,  // aws://REGION/NAME, and a table whose key is one attribute
};

class Aws final : public conformance::Backend {
 public:
  Aws(boost::asio::io_context& loop, Style style)
      : loop_(loop),
        style_(style),
        environment_(variables()),
        client_(http::curl::Client::make(loop.get_executor(), {}, environment_, log_).value()),
        source_(environment_),
        context_{loop.get_executor(), *client_, clock_, random_, environment_, log_},
        cloud_(storage::aws::make_cloud(context_)) {}

  ~Aws() override {
    for (auto const& name : queues_)
      call("sqs", "AmazonSQS.DeleteQueue", "{\"QueueUrl\":\"" + moto_ + "/123456789012/" + name + "\"}");
    for (auto const& name : tables_)
      call("dynamodb", "DynamoDB_20120810.DeleteTable", "{\"TableName\":\"" + name + "\"}");
  }

  conformance::Traits traits() const override {
    conformance::Traits traits;
    // A standard queue takes a receipt from an earlier delivery; moto does so for FIFO queues too.
    traits.refuses_stale = false;
    return traits;
  }

  std::unique_ptr<storage::Queue> queue(std::string const& name) override {
    auto const full = style_ == Style::fifo ? name + ".fifo" : name;
    queues_.push_back(full);
    return cloud_->queue(uri(full)).value();
  }

  std::unique_ptr<storage::Table> table(std::string const& name) override {
    // The first name is the one that is used; others are to be absent.
    if (tables_.empty() && style_ != Style::plain) make_foreign_table(name);
    tables_.push_back(name);
    return cloud_->table(uri(name)).value();
  }

 private:
  std::map<std::string, std::string, std::less<>> variables() const {
    return {{"AWS_ENDPOINT_URL", moto_},
            {"AWS_REGION", "us-east-1"},
            {"AWS_ACCESS_KEY_ID", required("EDW_TEST_MOTO_KEY_ID")},
            {"AWS_SECRET_ACCESS_KEY", required("EDW_TEST_MOTO_SECRET")}};
  }

  storage::Uri uri(std::string const& name) const {
    return storage::Uri::parse((style_ == Style::hash_only ? "aws://us-east-1/" : "aws:") + name).value();
  }

  void make_foreign_table(std::string const& name) {
    bool const sample = style_ == Style::fifo;
    std::string const range = "messageProcessingTime";
    call("dynamodb", "DynamoDB_20120810.CreateTable",
         "{\"TableName\":\"" + name +
             "\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":[{\"AttributeName\":\"id\","
             "\"AttributeType\":\"S\"}" +
             (sample ? ",{\"AttributeName\":\"" + range + "\",\"AttributeType\":\"S\"}" : "") +
             "],\"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}" +
             (sample ? ",{\"AttributeName\":\"" + range + "\",\"KeyType\":\"RANGE\"}" : "") + "]}");
  }

  void call(std::string service, std::string target, std::string body) {
    auth::aws::SigV4 signer(source_, "us-east-1", std::move(service), clock_);
    auth::Signing signing(*client_, signer);
    http::Request request("POST", http::parse_url(moto_).value().origin, "/", std::move(body));
    request.headers.set("Content-Type", "application/x-amz-json-1.0");
    request.headers.set("X-Amz-Target", std::move(target));
    auto const reply = fakes::run(loop_, signing.send(request));
    if (!reply) ADD_FAILURE() << describe(reply.error());
  }

  std::string moto_ = required("EDW_TEST_MOTO");
  boost::asio::io_context& loop_;
  Style style_;
  base::Environment environment_;
  base::NoLog log_;
  base::RealClock clock_;
  base::SeededRandom random_{base::entropy()};
  std::unique_ptr<http::curl::Client> client_;
  auth::aws::EnvironmentSource source_;
  storage::Context context_;
  std::unique_ptr<storage::Cloud> cloud_;
  std::vector<std::string> queues_;
  std::vector<std::string> tables_;
};

conformance::Case tried(std::string name, Style style) {
  conformance::Case made;
  made.name = std::move(name);
  made.make = [style](boost::asio::io_context& loop) { return std::make_unique<Aws>(loop, style); };
  return made;
}

}  // namespace

std::vector<conformance::Case> conformance::cases() {
  return {tried("StandardQueueAndOurTable", Style::plain), tried("FifoQueueAndSampleTable", Style::fifo),
          tried("StandardQueueAndHashOnlyTable", Style::hash_only)};
}
