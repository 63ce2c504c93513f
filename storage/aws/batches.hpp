#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/aws/service.hpp"
#include "storage/aws/shared.hpp"
#include "storage/core/rejected.hpp"

namespace storage::aws {

// The SQS requests that one call on a queue is cut into. An entry that the service reports as failed is sent
// again by itself, a bounded number of times, where that may help; a request that is refused for one of its
// entries is sent again entry by entry, so that no entry costs another.
class Batches {
 public:
  // The body of a request with these entries.
  using Encode = std::function<std::string(std::span<std::size_t const>)>;
  // The requests of a chain follow each other until one cannot be made; chains run side by side.
  using Chain = std::vector<std::vector<std::size_t>>;

  Batches(Service& service, Shared const& shared, std::string_view action)
      : service_(service), shared_(shared), action_(action) {}
  void reject(std::size_t index, Error error);
  void add(Chain chain) { chains_.push_back(std::move(chain)); }
  void add_all(std::size_t count);  // 0 … count - 1, each request a chain of its own

  // What failed, in order of index; the Error where every request failed as a whole.
  Task<std::vector<Rejected>> run(Encode const& encode, std::size_t at_once);

 private:
  boost::asio::awaitable<void> follow(Chain const& chain, Encode const& encode);
  boost::asio::awaitable<std::optional<Error>> send(std::vector<std::size_t> entries, Encode const& encode);
  std::vector<std::size_t> settle(std::span<std::size_t const> entries, http::Response const& reply,
                                  std::optional<Error>& again);

  Service& service_;
  Shared const& shared_;
  std::string_view action_;
  std::vector<Chain> chains_;
  std::map<std::size_t, Error> rejected_;
  std::map<std::size_t, bool> unsure_;  // entries of which an attempt may have been applied
  std::optional<Error> failed_;         // of a request as a whole
  bool answered_ = false;               // some request was
};

}  // namespace storage::aws
