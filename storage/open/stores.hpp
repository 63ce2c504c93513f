#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "storage/core/cloud.hpp"
#include "storage/core/context.hpp"
#include "storage/core/encoded.hpp"

namespace storage {

// From a URI to a queue or a table: the only place that knows which clouds exist. One for each event loop;
// outlives what it makes.
class Stores {
 public:
  explicit Stores(Context const& context);
  // Other clouds than the real ones, for tests and simulations.
  explicit Stores(std::vector<std::unique_ptr<Cloud>> clouds) : clouds_(std::move(clouds)) {}
  ~Stores();
  // Errors as for Cloud, and invalid for a URI that no cloud claims. Open the result before its first use.
  Result<std::unique_ptr<Queue>> queue(std::string_view uri, Encoding encoding);
  Result<std::unique_ptr<Table>> table(std::string_view uri);
  // What stands behind the URI, for labels; "other" where no cloud claims it.
  Systems systems(std::string_view uri);
  // Errors likewise. Run the result once.
  Result<std::unique_ptr<Examination>> examine_queue(std::string_view uri, QueueUse const& use);
  Result<std::unique_ptr<Examination>> examine_table(std::string_view uri, TableUse const& use);

 private:
  Result<Cloud*> cloud_of(Uri const& uri);
  std::vector<std::unique_ptr<Cloud>> clouds_;
};

}  // namespace storage
