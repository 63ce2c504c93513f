#include "storage/azure/cloud.hpp"

#include "http/retry_quota.hpp"
#include "storage/azure/queue.hpp"
#include "storage/azure/queue_examination.hpp"
#include "storage/azure/table.hpp"
#include "storage/azure/table_examination.hpp"

namespace storage::azure {

namespace {

class Azure final : public Cloud {
 public:
  explicit Azure(Context context) : context_(context) {}

  bool claims(Uri const& uri) const override { return is_azure(uri); }
  Systems systems() const override { return {"azure_queue", "azure_table"}; }

  Result<std::unique_ptr<Queue>> queue(Uri const& uri) override {
    auto channel = open(Service::queue, uri);
    if (!channel) return channel.error();
    return std::unique_ptr<Queue>(std::make_unique<AzureQueue>(std::move(*channel)));
  }

  Result<std::unique_ptr<Table>> table(Uri const& uri) override {
    auto channel = open(Service::table, uri);
    if (!channel) return channel.error();
    return std::unique_ptr<Table>(std::make_unique<AzureTable>(std::move(*channel)));
  }

  Result<std::unique_ptr<Examination>> examine_queue(Uri const& uri, QueueUse const& use) override {
    auto channel = open(Service::queue, uri);
    if (!channel) return channel.error();
    return std::unique_ptr<Examination>(std::make_unique<QueueExamination>(std::move(*channel), use));
  }

  Result<std::unique_ptr<Examination>> examine_table(Uri const& uri, TableUse const& use) override {
    auto channel = open(Service::table, uri);
    if (!channel) return channel.error();
    return std::unique_ptr<Examination>(std::make_unique<TableExamination>(std::move(*channel), use));
  }

 private:
  Result<std::unique_ptr<Channel>> open(Service service, Uri const& uri) {
    auto const settings = read_settings(context_.environment);
    if (!settings) return settings.error();
    auto endpoint = find_endpoint(service, uri, *settings);
    if (!endpoint) return endpoint.error();
    auto credential =
        choose_credential(*settings, *endpoint, context_.clock, [this] { return this->identity(); });
    if (!credential) return credential.error();
    return std::make_unique<Channel>(context_, std::move(*endpoint), std::move(*credential), quota_);
  }

  // Made when first needed: with a key or a SAS nobody asks for it, and its variables may be anything.
  Result<std::shared_ptr<auth::azure::Identity>> identity() {
    if (identity_) return identity_;
    auto made = auth::azure::Identity::make(context_.transport, context_.clock, context_.random,
                                            context_.environment, context_.log, context_.traffic);
    if (made) identity_ = *made;
    return made;
  }

  Context context_;
  std::shared_ptr<auth::azure::Identity> identity_;
  http::RetryQuota quota_;
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(Context context) { return std::make_unique<Azure>(context); }

}  // namespace storage::azure
