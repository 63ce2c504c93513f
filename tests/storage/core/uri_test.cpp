#include "storage/core/uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace storage {
namespace {

std::string refusal(std::string_view text) {
  auto const uri = Uri::parse(text);
  EXPECT_FALSE(uri.has_value()) << text;
  if (uri) return {};
  EXPECT_EQ(uri.error().code, base::Errc::invalid);
  return uri.error().message;
}

using testing::HasSubstr;

}  // namespace

TEST(Uri, NeverRepeatsAConnectionString) {
  for (auto const* text : {"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bm90IGEga2V5",
                           "AccountName=a;accountkey=bm90IGEga2V5",
                           "QueueEndpoint=https://a/;SharedAccessSignature=sv=1&sig=bm90IGEga2V5",
                           "https://a.queue.core/q?sig=bm90IGEga2V5"}) {
    auto const uri = storage::Uri::parse(text);
    ASSERT_TRUE(uri.has_error()) << text;
    EXPECT_EQ(uri.error().message.find("bm90IGEga2V5"), std::string::npos) << uri.error().message;
    EXPECT_NE(uri.error().message.find("AZURE_STORAGE_CONNECTION_STRING"), std::string::npos);
  }
}

TEST(Uri, SplitsASqliteAddressIntoPathAndName) {
  auto const uri = Uri::parse("sqlite:data/edw.db#messages").value();
  EXPECT_EQ(uri.text, "sqlite:data/edw.db#messages");
  EXPECT_EQ(uri.scheme, "sqlite");
  EXPECT_FALSE(uri.has_authority);
  EXPECT_EQ(uri.path, "data/edw.db");
  EXPECT_EQ(uri.fragment, "messages");
}

TEST(Uri, SplitsAnAccountAndAName) {
  auto const uri = Uri::parse("azure://account/messages").value();
  EXPECT_EQ(uri.scheme, "azure");
  EXPECT_TRUE(uri.has_authority);
  EXPECT_EQ(uri.authority, "account");
  EXPECT_EQ(uri.path, "/messages");
  EXPECT_EQ(uri.fragment, "");
}

TEST(Uri, TakesANameAlone) {
  auto const uri = Uri::parse("aws:keda-demo-queue.fifo").value();
  EXPECT_EQ(uri.scheme, "aws");
  EXPECT_FALSE(uri.has_authority);
  EXPECT_EQ(uri.path, "keda-demo-queue.fifo");
}

TEST(Uri, SplitsAServiceUrlWithAPort) {
  auto const uri = Uri::parse("HTTPS://sqs.us-east-1.amazonaws.com:443/123456789012/messages").value();
  EXPECT_EQ(uri.scheme, "https") << "schemes are not told apart by case";
  EXPECT_EQ(uri.authority, "sqs.us-east-1.amazonaws.com:443");
  EXPECT_EQ(uri.path, "/123456789012/messages");
}

TEST(Uri, KeepsQuestionMarksInFileNames) {
  EXPECT_EQ(Uri::parse("sqlite:what?.db#messages").value().path, "what?.db");
}

TEST(Uri, KeepsUnicodeInFileNames) { EXPECT_EQ(Uri::parse("sqlite:für.db#m").value().path, "für.db"); }

TEST(Uri, SaysHowToWriteOneWhenThereIsNoScheme) {
  for (auto const* text : {"", "messages", ":messages", "/tmp/edw.db"})
    EXPECT_THAT(refusal(text), HasSubstr("sqlite:PATH#NAME")) << text;
}

TEST(Uri, AsksForTheNameThatIsMissing) {
  for (auto const* text :
       {"azure:", "azure://account", "azure://account/", "https://host", "sqlite:", "sqlite:#name"})
    EXPECT_THAT(refusal(text), HasSubstr("names no queue or table")) << text;
}

TEST(Uri, RefusesUserNamesAndPasswordsWithoutRepeatingThem) {
  auto const message = refusal("https://user:hunter2@account.queue.core.windows.net/messages");
  EXPECT_THAT(message, HasSubstr("credentials come from the environment"));
  EXPECT_THAT(message, testing::Not(HasSubstr("hunter2")));
}

TEST(Uri, RefusesASasWithoutRepeatingIt) {
  auto const message = refusal("https://account.queue.core.windows.net/messages?sv=1&sig=hunter2");
  EXPECT_THAT(message, HasSubstr("AZURE_STORAGE_CONNECTION_STRING"));
  EXPECT_THAT(message, testing::Not(HasSubstr("hunter2")));
}

TEST(Uri, RefusesControlCharacters) {
  EXPECT_THAT(refusal("sqlite:a\nb#c"), HasSubstr("control characters"));
  EXPECT_THAT(refusal(std::string_view("sqlite:a\0b#c", 12)), HasSubstr("control characters"));
  EXPECT_THAT(refusal("sqlite:a\x7F#c"), HasSubstr("control characters"));
}

}  // namespace storage
