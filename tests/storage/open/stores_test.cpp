#include "storage/open/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "base/log.hpp"
#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

namespace storage {
namespace {

using testing::HasSubstr;

class StoresTest : public testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "edw-open-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // What opening says, for queues and tables alike.
  std::string refusal(std::string const& uri) {
    auto const queue = stores_.queue(uri, Encoding::automatic);
    auto const table = stores_.table(uri);
    EXPECT_FALSE(queue.has_value()) << uri;
    EXPECT_FALSE(table.has_value()) << uri;
    if (queue || table) return {};
    EXPECT_EQ(queue.error().code, Errc::invalid);
    EXPECT_EQ(table.error().code, Errc::invalid);
    return queue.error().message;
  }

  std::filesystem::path folder_;
  boost::asio::io_context loop_;
  fakes::Client transport_;
  fakes::Clock clock_;
  base::SeededRandom random_{1};
  base::Environment environment_;
  base::NoLog log_;
  Stores stores_{Context{loop_.get_executor(), transport_, clock_, random_, environment_, log_}};
};

}  // namespace

TEST_F(StoresTest, OpensQueuesAndTablesOfOneSqliteFile) {
  auto const file = "sqlite:" + (folder_ / "edw.db").string();
  auto const queue = stores_.queue(file + "#messages", Encoding::base64).value();
  auto const table = stores_.table(file + "#results").value();
  ASSERT_TRUE(fakes::run(loop_, queue->open(false)).has_value());
  ASSERT_TRUE(fakes::run(loop_, table->open(false)).has_value());
  std::vector<Outgoing> batch(1);
  batch[0].body = "a";
  ASSERT_TRUE(fakes::run(loop_, queue->send(batch)).has_value());
  auto const plain = stores_.queue(file + "#messages", Encoding::none).value();
  ASSERT_TRUE(fakes::run(loop_, plain->open(false)).has_value());
  Receive const options;
  auto const received = fakes::run(loop_, plain->receive(options)).value();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].body, "YQ==") << "the encoding asked for is applied";
}

TEST_F(StoresTest, SaysWhatAUriLooksLikeWhenNoCloudClaimsIt) {
  for (auto const* uri : {"gcp:messages", "https://example.com/messages", "ftp://host/messages"}) {
    auto const message = refusal(uri);
    EXPECT_THAT(message, HasSubstr(uri));
    EXPECT_THAT(message, HasSubstr("sqlite:PATH#NAME"));
  }
}

TEST_F(StoresTest, PassesOnWhatIsWrongWithAUri) {
  EXPECT_THAT(refusal("messages"), HasSubstr("is not a URI"));
  EXPECT_THAT(refusal("sqlite:edw.db"), HasSubstr("add # and a name"));
}

TEST_F(StoresTest, LeavesEachCloudToSayWhatItLacks) {
  EXPECT_THAT(refusal("azure:messages"), HasSubstr("AZURE_STORAGE"));
  EXPECT_THAT(refusal("aws:messages"), HasSubstr("AWS_REGION"));
}

}  // namespace storage
