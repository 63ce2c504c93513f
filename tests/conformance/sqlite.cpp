#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "base/log.hpp"
#include "conformance/backend.hpp"
#include "fakes/client.hpp"
#include "storage/sqlite/cloud.hpp"

namespace {

// A new file for each test, with the machine's own clock.
class Sqlite final : public conformance::Backend {
 public:
  explicit Sqlite(boost::asio::io_context& loop)
      : folder_(std::filesystem::temp_directory_path() / conformance::fresh_name()),
        random_(base::entropy()),
        context_{loop.get_executor(), transport_, clock_, random_, environment_, log_},
        cloud_((std::filesystem::create_directories(folder_), storage::sqlite::make_cloud(context_))) {}
  ~Sqlite() override {
    cloud_.reset();
    std::filesystem::remove_all(folder_);
  }

  conformance::Traits traits() const override {
    conformance::Traits traits;
    traits.always_creates = true;
    return traits;
  }
  std::unique_ptr<storage::Queue> queue(std::string const& name) override {
    return cloud_->queue(uri(name)).value();
  }
  std::unique_ptr<storage::Table> table(std::string const& name) override {
    return cloud_->table(uri(name)).value();
  }

 private:
  storage::Uri uri(std::string const& name) const {
    return storage::Uri::parse("sqlite:" + (folder_ / "test.db").string() + "#" + name).value();
  }

  std::filesystem::path folder_;
  fakes::Client transport_;
  base::RealClock clock_;
  base::SeededRandom random_;
  base::Environment environment_;
  base::NoLog log_;
  storage::Context context_;
  std::unique_ptr<storage::Cloud> cloud_;
};

}  // namespace

std::vector<conformance::Case> conformance::cases() {
  return {{"Sqlite", [](boost::asio::io_context& loop) { return std::make_unique<Sqlite>(loop); }}};
}
