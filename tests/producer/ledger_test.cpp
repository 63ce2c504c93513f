#include "producer/ledger.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

using producer::Ledger;
using producer::Manifest;
using producer::Outcome;
using testing::HasSubstr;

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("ledger_test_" + std::to_string(::getpid()) + '_' +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "runs" / "a.json").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  base::Result<std::unique_ptr<Ledger>> open(bool resume = false) {
    return Ledger::open(path_, "a", "q", resume, 10'000);
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(LedgerTest, ClaimsDenseNumbersUpToTheEnd) {
  auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  EXPECT_EQ((*ledger)->claim(3, 5), std::pair(std::uint64_t{1}, std::uint64_t{3}));
  EXPECT_EQ((*ledger)->claim(3, 5), std::pair(std::uint64_t{4}, std::uint64_t{5}));
  auto const [first, last] = (*ledger)->claim(3, 5);
  EXPECT_LT(last, first);
}

TEST_F(LedgerTest, HasTheFileSayMoreThanWasSent) {
  auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  (*ledger)->claim(100, 1000);
  ASSERT_TRUE((*ledger)->covers(100));
  // As after a SIGKILL: what is on disk now.
  auto const on_disk = Manifest::load(path_);
  ASSERT_TRUE(on_disk.has_value());
  EXPECT_GE(on_disk->last, 100U);
  EXPECT_FALSE(on_disk->complete);
}

TEST_F(LedgerTest, ReservesFurtherAsItGoes) {
  auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  (*ledger)->claim(5000, 10'000);
  auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!(*ledger)->covers(5000) && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  ASSERT_TRUE((*ledger)->covers(5000));
  EXPECT_GE(Manifest::load(path_)->last, 5000U);
}

TEST_F(LedgerTest, ReservesNothingBeyondTheEnd) {
  auto ledger = Ledger::open(path_, "a", "q", false, 10);
  ASSERT_TRUE(ledger.has_value());
  (*ledger)->claim(4, 10);
  EXPECT_EQ(Manifest::load(path_)->last, 10U);
}

TEST_F(LedgerTest, RefusesASecondProducerOfTheSameRun) {
  auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  auto const other = open(true);
  ASSERT_TRUE(other.has_error());
  EXPECT_EQ(other.error().code, base::Errc::conflict);
  EXPECT_THAT(other.error().message, HasSubstr("another producer"));
}

TEST_F(LedgerTest, LeavesNoLockBehind) {
  ASSERT_TRUE(open().has_value());
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
}

TEST_F(LedgerTest, WritesTheEnd) {
  auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  (*ledger)->claim(4, 4);
  (*ledger)->record(1, Outcome::acknowledged);
  (*ledger)->record(2, Outcome::failed);
  (*ledger)->record(3, Outcome::unknown);
  ASSERT_TRUE((*ledger)->finish().has_value());
  auto const manifest = Manifest::load(path_);
  ASSERT_TRUE(manifest.has_value());
  EXPECT_TRUE(manifest->complete);
  EXPECT_EQ(manifest->last, 4U);
  EXPECT_TRUE(manifest->acknowledged.contains(1));
  EXPECT_TRUE(manifest->failed.contains(2));
  EXPECT_EQ(manifest->acknowledged.size() + manifest->failed.size(), 2U);
}

TEST_F(LedgerTest, RefusesARunThatWasSentBefore) {
  ASSERT_TRUE(open().has_value());
  auto const again = open();
  ASSERT_TRUE(again.has_error());
  EXPECT_THAT(again.error().message, HasSubstr("--resume"));
}

TEST_F(LedgerTest, ContinuesAfterTheLastNumber) {
  {
    auto ledger = open();
    (*ledger)->claim(3, 10);
    (*ledger)->record(1, Outcome::acknowledged);
    ASSERT_TRUE((*ledger)->finish().has_value());
  }
  auto ledger = open(true);
  ASSERT_TRUE(ledger.has_value());
  EXPECT_EQ((*ledger)->claim(1, 10).first, 4U);
  EXPECT_TRUE((*ledger)->snapshot().acknowledged.contains(1));
}

// What is reserved and not sent is skipped after a SIGKILL: the pace is that of this process, not of the
// whole run.
TEST_F(LedgerTest, ReservesNoMoreAfterAResumeThanItsPaceAsksFor) {
  constexpr std::uint64_t sent = 5'000'000, end = 100'000'000;
  {
    auto ledger = Ledger::open(path_, "a", "q", false, end);
    (*ledger)->claim(sent, end);
    ASSERT_TRUE((*ledger)->finish().has_value());
  }
  auto ledger = Ledger::open(path_, "a", "q", true, end);
  ASSERT_TRUE(ledger.has_value());
  auto const last = (*ledger)->claim(1'000, end).second;
  auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!(*ledger)->covers(last) && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  ASSERT_TRUE((*ledger)->covers(last));
  EXPECT_LT(Manifest::load(path_)->last, sent + 10'000);
}

TEST_F(LedgerTest, ListsWhatIsBadUpToWhatMayBeSent) {
  auto const tenth = *producer::Poison::parse("10%");
  {
    auto ledger = Ledger::open(path_, "a", "q", false, 10'000, {2, 1}, tenth);
    (*ledger)->claim(20, 10'000);
    ASSERT_TRUE((*ledger)->covers(20));
    auto const on_disk = Manifest::load(path_);
    EXPECT_GE(on_disk->last, 20U);
    ASSERT_EQ(on_disk->poison.size(), 1U);
    EXPECT_EQ(on_disk->poison.front().first, 5U);
    EXPECT_EQ(on_disk->poison.front().step, 10U);
    EXPECT_GT(on_disk->poison.front().last + 20, on_disk->share.seq(on_disk->last));
    ASSERT_TRUE((*ledger)->finish().has_value());
  }
  EXPECT_EQ(Manifest::load(path_)->poison, (std::vector<producer::Stride>{{5, 35, 10}}));
  // Those of before stay what they are, whatever the run goes on with.
  auto const other = Ledger::open(path_, "a", "q", true, 10'000, {2, 1}, *producer::Poison::parse("50%"));
  ASSERT_TRUE(other.has_value());
  (*other)->claim(2, 10'000);
  ASSERT_TRUE((*other)->finish().has_value());
  EXPECT_EQ(Manifest::load(path_)->poison, (std::vector<producer::Stride>{{5, 35, 10}, {41, 43, 2}}));
}

TEST_F(LedgerTest, RefusesToContinueAnotherInstances) {
  ASSERT_TRUE(Ledger::open(path_, "a", "q", false, 10, {4, 1}).has_value());
  auto const other = Ledger::open(path_, "a", "q", true, 10, {4, 2});
  ASSERT_TRUE(other.has_error());
  EXPECT_THAT(other.error().message, HasSubstr("is of instance 1 of 4, not of instance 2 of 4"));
  EXPECT_TRUE(Ledger::open(path_, "a", "q", true, 10, {4, 1}).has_value());
}

TEST_F(LedgerTest, RefusesToContinueWhatIsNotThereOrIsAnotherQueues) {
  EXPECT_EQ(open(true).error().code, base::Errc::absent);
  ASSERT_TRUE(open().has_value());
  auto const other = Ledger::open(path_, "a", "another", true, 10);
  EXPECT_EQ(other.error().code, base::Errc::invalid);
  auto const other_run = Ledger::open(path_, "b", "q", true, 10);
  EXPECT_EQ(other_run.error().code, base::Errc::invalid);
}

TEST_F(LedgerTest, SaysThatTheFolderCannotBeWritten) {
  std::ofstream(folder_ / "runs") << "a file where the folder should be";
  auto const ledger = open();
  ASSERT_TRUE(ledger.has_error());
  EXPECT_THAT(ledger.error().message, HasSubstr("runs"));
}

TEST_F(LedgerTest, WritesNothingWithoutAPath) {
  auto ledger = Ledger::open("", "a", "q", false, 10);
  ASSERT_TRUE(ledger.has_value());
  EXPECT_TRUE((*ledger)->covers(1'000'000'000));
  EXPECT_TRUE((*ledger)->finish().has_value());
}

TEST_F(LedgerTest, RemovesTheFileOfARunThatNeverBegan) {
  auto ledger = open();
  (*ledger)->discard();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
