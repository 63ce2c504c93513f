#include <cstdlib>
#include <set>
#include <stdexcept>
#include <utility>

#include "auth/core/signing.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "conformance/backend.hpp"
#include "fakes/run.hpp"
#include "http/curl/client.hpp"
#include "storage/azure/cloud.hpp"
#include "storage/azure/credential.hpp"

namespace {

using storage::azure::Service;

// A full account slows Azurite down, so what a test may have made is deleted behind it.
class Azurite final : public conformance::Backend {
 public:
  Azurite(boost::asio::io_context& loop, std::string const& connection, std::string const& ca_file)
      : loop_(loop), environment_({{"AZURE_STORAGE_CONNECTION_STRING", connection}}) {
    http::curl::Settings settings;
    settings.ca_file = ca_file;
    client_ = http::curl::Client::make(loop.get_executor(), settings, environment_, log_).value();
    cloud_ = storage::azure::make_cloud({loop.get_executor(), *client_, clock_, random_, environment_, log_});
  }

  ~Azurite() override {
    for (auto const& [service, name] : made_) drop(service, name);
  }

  std::unique_ptr<storage::Queue> queue(std::string const& name) override {
    made_.emplace(Service::queue, name);
    return cloud_->queue(storage::Uri::parse("azure:" + name).value()).value();
  }
  std::unique_ptr<storage::Table> table(std::string const& name) override {
    made_.emplace(Service::table, name);
    return cloud_->table(storage::Uri::parse("azure:" + name).value()).value();
  }

 private:
  void drop(Service service, std::string const& name) {
    auto const settings = storage::azure::read_settings(environment_).value();
    auto const uri = storage::Uri::parse("azure:" + name).value();
    auto const endpoint = storage::azure::find_endpoint(service, uri, settings).value();
    storage::azure::FindIdentity const none = []() -> base::Result<std::shared_ptr<auth::azure::Identity>> {
      return base::Error(base::Errc::denied, "the emulator's key is in the connection string");
    };
    auto const credential = storage::azure::choose_credential(settings, endpoint, clock_, none).value();
    auto const path = service == Service::queue ? '/' + name : "/Tables('" + name + "')";
    http::Request request("DELETE", endpoint.origin, endpoint.prefix + path);
    request.headers.set("Accept", "application/json");
    auth::Signing client(*client_, *credential.signer);
    auto const reply = fakes::run(loop_, client.send(request));
    EXPECT_TRUE(reply && (reply->ok() || reply->status == 404)) << "could not delete " << name;
  }

  boost::asio::io_context& loop_;
  std::set<std::pair<Service, std::string>> made_;
  base::Environment environment_;
  base::RealClock clock_;
  base::SeededRandom random_{base::entropy()};
  base::NoLog log_;
  std::unique_ptr<http::curl::Client> client_;
  std::unique_ptr<storage::Cloud> cloud_;
};

std::string variable(char const* name) {
  char const* value = std::getenv(name);
  if (value && *value) return value;
  throw std::runtime_error(std::string(name) +
                           " is not set: run the tests by ./test.sh, or start the emulators with "
                           "tests/emulators/up --env FILE and source FILE");
}

}  // namespace

std::vector<conformance::Case> conformance::cases() {
  return {
      {"Http",
       [](boost::asio::io_context& loop) {
         return std::make_unique<Azurite>(loop, variable("EDW_TEST_AZURITE"), "");
       }},
      {"Https",
       [](boost::asio::io_context& loop) {
         return std::make_unique<Azurite>(loop, variable("EDW_TEST_AZURITE_HTTPS"),
                                          variable("EDW_TEST_CA_FILE"));
       }},
  };
}
