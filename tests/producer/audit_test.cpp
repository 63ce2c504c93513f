#include "producer/audit.hpp"

#include <gmock/gmock.h>
#include <malloc.h>

#include "app/dead_letter.hpp"
#include "app/row.hpp"
#include "base/time.hpp"

namespace {

using producer::Audit;

producer::Manifest manifest() {
  producer::Manifest made;
  made.run = "a";
  made.last = 10;
  made.acknowledged.insert(1, 6);
  made.failed.insert(9, 10);  // 7 and 8 are unknown
  return made;
}

storage::Entity row(std::uint64_t seq) {
  app::Body body;
  body.msg = "message " + std::to_string(seq);
  body.src_stamp = "2026-11-22 01:02:03.000000";
  body.run = "a";
  body.seq = seq;
  body.hash = app::payload_hash(body.msg, "");
  app::RowFacts const facts{"dateStamp", "pod", base::parse_stamp("2026-11-22 01:02:03.250000").value()};
  return app::make_row(body, storage::Message(), facts);
}

class AuditTest : public testing::Test {
 protected:
  void take(std::initializer_list<std::uint64_t> seqs) {
    for (auto const seq : seqs) audit_.take(row(seq));
  }
  producer::Manifest manifest_ = manifest();
  Audit audit_{manifest_};
};

TEST_F(AuditTest, IsCleanWhereEveryAcknowledgedMessageIsARow) {
  take({6, 5, 4, 3, 2, 1});
  auto const found = audit_.finish();
  EXPECT_TRUE(found.clean());
  EXPECT_EQ(found.expected, 6U);
  EXPECT_EQ(found.found, 6U);
  EXPECT_EQ(found.end_to_end.count(), 6U);
  EXPECT_EQ(found.end_to_end.max(), std::chrono::milliseconds(250));
}

TEST_F(AuditTest, TakesAnUnknownMessageAsEither) {
  take({1, 2, 3, 4, 5, 6, 7});
  EXPECT_TRUE(audit_.finish().clean());
  EXPECT_EQ(audit_.finish().found, 6U);
}

TEST_F(AuditTest, FindsWhatIsMissing) {
  take({1, 2, 4, 6});
  auto const found = audit_.finish();
  EXPECT_EQ(found.missing, 2U);
  EXPECT_THAT(found.missing_seq, testing::ElementsAre(3, 5));
  EXPECT_FALSE(found.clean());
}

TEST_F(AuditTest, FindsADuplicateUnderAnotherKey) {
  take({1, 2, 3, 4, 5, 6});
  auto other = row(3);
  other.key = {"somewhere", "else"};
  audit_.take(other);
  audit_.take(other);
  auto const found = audit_.finish();
  EXPECT_EQ(found.duplicated, 2U);
  EXPECT_EQ(found.corrupt, 0U);
}

TEST_F(AuditTest, FindsARowWhoseKeyAndNumberDisagree) {
  take({1, 2, 4, 5, 6});
  auto moved = row(3);
  moved.key.row = "000000000033";
  audit_.take(moved);
  auto const found = audit_.finish();
  EXPECT_EQ(found.corrupt, 1U);
  EXPECT_EQ(found.missing, 1U);
}

TEST_F(AuditTest, FindsAChangedPayload) {
  take({1, 2, 3, 4, 5});
  auto changed = row(6);
  changed.values["data"] = std::string("tampered");
  audit_.take(changed);
  EXPECT_EQ(audit_.finish().corrupt, 1U);
}

TEST_F(AuditTest, FindsARowWithoutItsHash) {
  take({1, 2, 3, 4, 5});
  auto changed = row(6);
  changed.values.erase("hash");
  audit_.take(changed);
  EXPECT_EQ(audit_.finish().corrupt, 1U);
}

TEST_F(AuditTest, FindsWhatWasNeverSentOrFailed) {
  take({1, 2, 3, 4, 5, 6, 9, 11});
  EXPECT_EQ(audit_.finish().unexpected, 2U);
}

TEST_F(AuditTest, LeavesOtherRunsAlone) {
  take({1, 2, 3, 4, 5, 6});
  auto other = row(3);
  other.values["run"] = std::string("b");
  audit_.take(other);
  EXPECT_TRUE(audit_.finish().clean());
}

TEST_F(AuditTest, BelievesTheManifestThatSaysAcknowledged) {
  producer::Manifest both = manifest();
  both.failed.insert(3);  // by another instance's manifest
  Audit audit(both);
  for (std::uint64_t seq = 1; seq <= 6; ++seq) audit.take(row(seq));
  EXPECT_TRUE(audit.finish().clean());
}

storage::Entity letter_row(std::uint64_t seq, std::string const& redriven = {}) {
  app::DeadLetter letter;
  letter.original_id = "id-" + std::to_string(seq);
  app::Body body;
  body.run = "a";
  body.seq = seq;
  return app::dead_letter_row(letter, body, redriven);
}

TEST_F(AuditTest, TakesADeadLetterForNeitherARowNorMissing) {
  take({1, 2, 4, 6});
  EXPECT_TRUE(audit_.lacks_rows());
  audit_.take_letter(letter_row(3));
  app::Body body;
  body.run = "a";
  body.seq = 5;
  audit_.take_letter(body);
  auto const found = audit_.finish();
  EXPECT_TRUE(found.clean());
  EXPECT_EQ(found.found, 4U);
  EXPECT_EQ(found.dead_lettered, 2U);
  EXPECT_EQ(found.missing, 0U);
}

TEST_F(AuditTest, MissesALetterThatWasMovedBackAndNeverCame) {
  take({1, 2, 4, 5, 6});
  audit_.take_letter(letter_row(3, "2026-11-22 01:02:03.000000"));
  EXPECT_EQ(audit_.finish().missing, 1U);
}

TEST_F(AuditTest, CountsAMessageThatIsBothARowAndADeadLetterOnce) {
  take({1, 2, 3, 4, 5, 6});
  EXPECT_FALSE(audit_.lacks_rows());
  audit_.take_letter(letter_row(3));
  EXPECT_EQ(audit_.finish().found, 6U);
  EXPECT_EQ(audit_.finish().dead_lettered, 0U);
  auto row = letter_row(4);
  audit_.take(row);  // it is no message's row
  EXPECT_TRUE(audit_.finish().clean());
}

TEST_F(AuditTest, WantsWhatIsBadOnPurposeAsDeadLetters) {
  auto poisoned = manifest();
  poisoned.poison = {{2, 8, 3}};  // 8 is unknown
  Audit audit(poisoned);
  for (std::uint64_t const seq : {1U, 3U, 4U, 6U}) audit.take(row(seq));
  audit.take_letter(letter_row(2));
  EXPECT_EQ(audit.finish().missing, 1U);
  EXPECT_THAT(audit.finish().missing_seq, testing::ElementsAre(5));
  audit.take_letter(letter_row(5));
  auto const found = audit.finish();
  EXPECT_TRUE(found.clean());
  EXPECT_EQ(found.poison, 2U);
  EXPECT_EQ(found.poison_dead_lettered, 2U);
  EXPECT_EQ(found.poison_persisted, 0U);
  EXPECT_EQ(found.dead_lettered, 2U);
  EXPECT_EQ(found.found, 4U);
}

TEST_F(AuditTest, TellsABadOneThatBecameARow) {
  auto poisoned = manifest();
  poisoned.poison = {{2, 8, 3}};
  Audit audit(poisoned);
  for (std::uint64_t seq = 1; seq <= 6; ++seq) audit.take(row(seq));
  audit.take(row(8));  // its send was unknown; it is no row all the same
  audit.take_letter(letter_row(5));
  auto const found = audit.finish();
  EXPECT_FALSE(found.clean());
  EXPECT_EQ(found.unexpected, 3U);
  EXPECT_EQ(found.poison_persisted, 2U);
  EXPECT_EQ(found.poison_dead_lettered, 1U);
  EXPECT_EQ(found.missing, 0U);
  EXPECT_EQ(found.found, 4U);
}

TEST(AuditOfInstances, TakesEachManifestForItsOwnNumbers) {
  std::vector<producer::Manifest> parts(2);
  for (std::size_t i = 0; i < 2; ++i) {
    parts[i].run = "a";
    parts[i].share = {3, i};
    parts[i].last = 4;  // 3, 6, 9, 12 and 1, 4, 7, 10
    parts[i].acknowledged.insert(1, 3);
  }
  parts[0].failed.insert(4);
  Audit audit{std::span<producer::Manifest const>(parts)};
  EXPECT_EQ(audit.expected(), 6U);
  for (std::uint64_t const seq : {3U, 6U, 1U, 4U, 7U, 10U}) audit.take(row(seq));
  auto found = audit.finish();
  EXPECT_EQ(found.found, 5U);
  EXPECT_THAT(found.missing_seq, testing::ElementsAre(9));
  EXPECT_EQ(found.unexpected, 0U);
  audit.take(row(12));  // failed
  audit.take(row(13));  // after the last
  audit.take(row(2));   // of an instance without a manifest
  EXPECT_EQ(audit.finish().unexpected, 3U);
}

TEST_F(AuditTest, TakesAFewBitsForEachMessageWhateverStandsInTheTable) {
  constexpr std::uint64_t count = 200'000;
  producer::Manifest many;
  many.run = "a";
  many.last = app::max_seq;
  many.acknowledged.insert(1, count);
  many.acknowledged.insert(app::max_seq, app::max_seq);
  Audit audit(many);
  auto right = row(1);
  auto const before = mallinfo2().uordblks;
  for (std::uint64_t i = 0; i < 2 * count; ++i) {
    auto const seq = i * 7919 % count + 1;  // each twice, out of order
    right.key = i < count ? app::key_of("a", seq) : storage::Key{"else", "where"};
    right.values["seq"] = static_cast<std::int64_t>(seq);
    audit.take(right);
  }
  EXPECT_LT(mallinfo2().uordblks - before, 200'000U);  // of two sets of bits
  auto const found = audit.finish();
  EXPECT_EQ(found.found, count);
  EXPECT_EQ(found.duplicated, count);
  EXPECT_EQ(found.missing, 1U);
}

TEST_F(AuditTest, TellsNoMoreThanTwentyMissing) {
  producer::Manifest big;
  big.run = "a";
  big.last = 100;
  big.acknowledged.insert(1, 100);
  Audit const audit(big);
  EXPECT_EQ(audit.finish().missing, 100U);
  EXPECT_EQ(audit.finish().missing_seq.size(), 20U);
}

}  // namespace
