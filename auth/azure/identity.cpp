#include "auth/azure/identity.hpp"

#include "auth/azure/chain.hpp"
#include "auth/azure/token_wire.hpp"
#include "http/logging.hpp"
#include "http/retrying.hpp"

namespace auth::azure {

// Shared with a fetch under way, which may outlive the identity.
struct Identity::Sources {
  Sources(http::Client& transport, base::Clock& clock, base::Random& random, base::Log& log,
          http::Traffic* traffic)
      : logging(transport, clock, log),
        authority(logging, authority_policy(), quota, clock, random, log, nullptr, counters(traffic)),
        metadata(logging, metadata_policy(), quota, clock, random, log, nullptr, counters(traffic)) {}

  static http::Retries* counters(http::Traffic* traffic) { return traffic ? &traffic->identity : nullptr; }

  http::Logging logging;
  http::RetryQuota quota;
  http::Retrying authority;
  http::Retrying metadata;
  std::unique_ptr<TokenSource> chain;
};

Identity::Identity(std::shared_ptr<Sources> sources, base::Clock& clock, base::Random& random, base::Log& log,
                   http::Traffic* traffic)
    : sources_(std::move(sources)),
      cached_([kept = sources_] { return kept->chain->get(); }, "the access token for Azure storage", clock,
              random, log, traffic ? &traffic->renewals : nullptr) {}

Result<std::shared_ptr<Identity>> Identity::make(http::Client& transport, base::Clock& clock,
                                                 base::Random& random, base::Environment const& environment,
                                                 base::Log& log, http::Traffic* traffic) {
  auto sources = std::make_shared<Sources>(transport, clock, random, log, traffic);
  auto chain = make_chain(
      Surroundings{sources->authority, sources->metadata, sources->logging, clock, random, environment, log});
  if (!chain) return chain.error();
  sources->chain = std::move(*chain);
  return std::shared_ptr<Identity>(new Identity(std::move(sources), clock, random, log, traffic));
}

std::string Identity::description() const { return sources_->chain->description(); }
std::string Identity::passed_over() const { return sources_->chain->passed_over(); }

}  // namespace auth::azure
