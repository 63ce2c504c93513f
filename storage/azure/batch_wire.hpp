#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.hpp"

// Entity group transactions: one change set in a multipart batch. Pure functions; the decoder takes any
// bytes. https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
namespace storage::azure {

inline constexpr std::size_t max_batch_rows = 100;
inline constexpr std::size_t max_batch_bytes = 4'000'000;  // the service's limit is 4 MiB

// One row of a batch: what stands behind the origin in its URL, and its JSON.
struct BatchRow {
  std::string_view target;
  std::string_view json;
};

struct Batch {
  std::string content_type;
  std::string body;
};

// The bytes that a row takes in a batch, at most, without the origin.
std::size_t batch_size(BatchRow const& row);

// Inserts or replaces every row, or none. `origin` is that of the rows' URLs. `id` is unique to the batch:
// letters, digits and hyphens.
Batch encode_batch(std::vector<BatchRow> const& rows, std::string_view origin, std::string_view id);

// The replies inside a batch reply: one for each row, or the single one that made it fail. Of a success only
// its status is read.
struct InnerReply {
  std::optional<std::size_t> index;  // of the row that it speaks of, where it tells
  http::Response response;
};

// False where no reply inside a batch reply tells of a failure, for a quick look.
bool may_hold_failure(std::string_view body);

// Nothing: truncated, or no such reply.
std::optional<std::vector<InnerReply>> decode_batch(std::string_view content_type, std::string_view body);

}  // namespace storage::azure
