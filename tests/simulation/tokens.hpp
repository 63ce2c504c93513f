#pragma once

#include <map>
#include <optional>
#include <string>

#include "simulation/network.hpp"
#include "simulation/truth.hpp"

namespace simulation {

// Who issues tokens and keys, and what services ask whether they still hold: Entra ID, STS and the
// credentials endpoint of a pod, with lives of minutes so that a schedule sees them end.
class Tokens final : public Service {
 public:
  Tokens(World& world, Truth& truth, Nanos life) : world_(world), truth_(truth), life_(life) {}
  Truth& truth() { return truth_; }

  std::optional<Reply> handle(ExchangePtr const& exchange) override;
  http::Response failure(Fault fault) override;
  http::Response refusal() override { return failure(Fault::failed); }

  // All that were issued until now hold no longer.
  void revoke() { revoked_ = issued_; }

  // What the service says to a request with a bad credential or date; nothing to a good one.
  std::optional<http::Response> refuse_azure(http::Request const& request) const;
  std::optional<http::Response> refuse_aws(http::Request const& request) const;

 private:
  bool holds(std::string_view token) const;
  bool dated_well(std::optional<base::System> date) const;

  World& world_;
  Truth& truth_;
  Nanos life_;
  std::uint64_t issued_ = 0;
  std::uint64_t revoked_ = 0;
  std::map<std::uint64_t, Nanos> ends_;
};

}  // namespace simulation
