#include "storage/open/stores.hpp"

#include "storage/aws/cloud.hpp"
#include "storage/azure/cloud.hpp"
#include "storage/sqlite/cloud.hpp"

namespace storage {

Stores::Stores(Context const& context) {
  clouds_.push_back(sqlite::make_cloud(context));
  clouds_.push_back(aws::make_cloud(context));
  clouds_.push_back(azure::make_cloud(context));
}

Stores::~Stores() = default;

Result<Cloud*> Stores::cloud_of(Uri const& uri) {
  for (auto const& cloud : clouds_)
    if (cloud->claims(uri)) return cloud.get();
  return Error(Errc::invalid,
               "\"" + uri.text +
                   "\" belongs to no known cloud: write sqlite:PATH#NAME, azure://ACCOUNT/NAME, azure:NAME, "
                   "aws://REGION/NAME, aws:NAME or the service's https:// URL");
}

Result<std::unique_ptr<Queue>> Stores::queue(std::string_view text, Encoding encoding) {
  auto const uri = Uri::parse(text);
  if (!uri) return uri.error();
  auto const cloud = cloud_of(*uri);
  if (!cloud) return cloud.error();
  auto queue = (*cloud)->queue(*uri);
  if (!queue) return queue.error();
  return with_encoding(std::move(*queue), encoding);
}

Result<std::unique_ptr<Table>> Stores::table(std::string_view text) {
  auto const uri = Uri::parse(text);
  if (!uri) return uri.error();
  auto const cloud = cloud_of(*uri);
  if (!cloud) return cloud.error();
  return (*cloud)->table(*uri);
}

Systems Stores::systems(std::string_view text) {
  auto const uri = Uri::parse(text);
  if (!uri) return {"other", "other"};
  auto const cloud = cloud_of(*uri);
  if (!cloud) return {"other", "other"};
  return (*cloud)->systems();
}

Result<std::unique_ptr<Examination>> Stores::examine_queue(std::string_view text, QueueUse const& use) {
  auto const uri = Uri::parse(text);
  if (!uri) return uri.error();
  auto const cloud = cloud_of(*uri);
  if (!cloud) return cloud.error();
  return (*cloud)->examine_queue(*uri, use);
}

Result<std::unique_ptr<Examination>> Stores::examine_table(std::string_view text, TableUse const& use) {
  auto const uri = Uri::parse(text);
  if (!uri) return uri.error();
  auto const cloud = cloud_of(*uri);
  if (!cloud) return cloud.error();
  return (*cloud)->examine_table(*uri, use);
}

}  // namespace storage
