#include "auth/azure/connection_string.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using auth::azure::ConnectionString;
using auth::azure::parse_connection_string;
using testing::HasSubstr;
using testing::Not;

namespace {

// "not a real key, only a test's"
constexpr char const* key = "bm90IGEgcmVhbCBrZXksIG9ubHkgYSB0ZXN0J3M=";

ConnectionString parsed(std::string const& text) {
  auto const result = parse_connection_string(text);
  if (result) return *result;
  ADD_FAILURE() << text << ": " << describe(result.error());
  return {};
}

std::string refusal(std::string const& text) {
  auto const result = parse_connection_string(text);
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, base::Errc::invalid);
  EXPECT_THAT(result.error().message, HasSubstr("AZURE_STORAGE_CONNECTION_STRING"));
  return result.error().message;
}

}  // namespace

TEST(ConnectionString, ReadsWhatThePortalGives) {
  auto const string = parsed(std::string("DefaultEndpointsProtocol=https;AccountName=myaccount;AccountKey=") +
                             key + ";EndpointSuffix=core.windows.net");
  EXPECT_EQ(string.account, "myaccount");
  EXPECT_EQ(string.key.reveal(), "not a real key, only a test's");
  EXPECT_EQ(string.protocol, "https");
  EXPECT_EQ(string.suffix, "core.windows.net");
  EXPECT_FALSE(string.queue_endpoint.has_value());
  EXPECT_TRUE(string.sas.empty());
}

TEST(ConnectionString, TakesKeysInAnyCaseAndOrderWithSpacesAndEmptyParts) {
  auto const string = parsed(std::string(";; accountKEY = ") + key + " ;ACCOUNTNAME=a1b;;");
  EXPECT_EQ(string.account, "a1b");
  EXPECT_FALSE(string.key.empty());
}

TEST(ConnectionString, ReadsEndpointsAndASasWhoseValueHoldsEqualsSigns) {
  auto const string = parsed(
      "BlobEndpoint=https://a.blob.core.windows.net/;QueueEndpoint=https://a.queue.core.windows.net/;"
      "FileEndpoint=https://a.file.core.windows.net/;TableEndpoint=http://127.0.0.1:10002/account/;"
      "SharedAccessSignature=?sv=2022-11-02&ss=qt&sig=abc%3D");
  EXPECT_EQ(string.sas.reveal(), "sv=2022-11-02&ss=qt&sig=abc%3D");
  ASSERT_TRUE(string.queue_endpoint.has_value());
  EXPECT_EQ(string.queue_endpoint->origin.host, "a.queue.core.windows.net");
  EXPECT_EQ(string.queue_endpoint->path, "");
  ASSERT_TRUE(string.table_endpoint.has_value());
  EXPECT_EQ(string.table_endpoint->origin.port, 10002);
  EXPECT_EQ(string.table_endpoint->path, "/account");
}

TEST(ConnectionString, TakesOffEveryQuestionMarkThatLeadsASas) {
  EXPECT_EQ(parsed("SharedAccessSignature=??sv=2022-11-02&sig=a?b").sas.reveal(), "sv=2022-11-02&sig=a?b");
}

TEST(ConnectionString, GivesEndpointsAloneWithoutACredential) {
  auto const string = parsed("QueueEndpoint=https://a.queue.core.windows.net");
  EXPECT_TRUE(string.key.empty());
  EXPECT_TRUE(string.sas.empty());
}

TEST(ConnectionString, KnowsTheEmulator) {
  auto const string = parsed("UseDevelopmentStorage=true");
  EXPECT_EQ(string.account, "devstoreaccount1");
  EXPECT_EQ(string.queue_endpoint->origin.to_string(), "http://127.0.0.1:10001");
  EXPECT_EQ(string.table_endpoint->origin.to_string(), "http://127.0.0.1:10002");
  EXPECT_EQ(string.queue_endpoint->path, "/devstoreaccount1");
  EXPECT_EQ(string.key.reveal().size(), 64u);
}

TEST(ConnectionString, FindsTheEmulatorBehindItsProxy) {
  auto const string = parsed("usedevelopmentstorage=TRUE;DevelopmentStorageProxyUri=http://emulator");
  EXPECT_EQ(string.queue_endpoint->origin.to_string(), "http://emulator:10001");
  EXPECT_EQ(string.table_endpoint->origin.to_string(), "http://emulator:10002");
}

TEST(ConnectionString, RefusesAKeyThatIsNotBase64WithoutRepeatingIt) {
  auto const message = refusal("AccountName=abc;AccountKey=sEcReT!!");
  EXPECT_THAT(message, HasSubstr("base64"));
  EXPECT_THAT(message, Not(HasSubstr("sEcReT")));
}

TEST(ConnectionString, NeverRepeatsWhatMayBeAPieceOfASecret) {
  for (std::string const text : {
           "AccountName=abc;AccountKey=aaaa;sEcReT+/torn=",
           "AccountName=abc;sEcReT",
           "sEcReT",
           "QueueEndpoint=https://u:sEcReT@host/",
           "QueueEndpoint=https://host/?sig=sEcReT",
           "QueueEndpoint=sEcReT",
           "DefaultEndpointsProtocol=sEcReT",
           "AccountName=sEcReT",
           "UseDevelopmentStorage=sEcReT",
       })
    EXPECT_THAT(refusal(text), Not(HasSubstr("sEcReT"))) << text;
}

TEST(ConnectionString, NamesAnUnknownKey) {
  EXPECT_THAT(refusal("AccountNam=abc"), HasSubstr("unknown key \"AccountNam\""));
}

TEST(ConnectionString, RefusesWhatContradictsItself) {
  EXPECT_THAT(refusal("AccountName=abc;AccountName=abd"), HasSubstr("AccountName twice"));
  EXPECT_THAT(refusal(std::string("AccountKey=") + key), HasSubstr("no AccountName"));
  for (char const* sas : {"? sv=x&sig=y", "sv=x&sig=y z", "sv=x&sig=y\r\nHost: z", "sv=x&sig=ü", "sig=\x7F"})
    EXPECT_THAT(refusal(std::string("SharedAccessSignature=") + sas),
                AllOf(HasSubstr("a SharedAccessSignature that is not a query"), Not(HasSubstr("sig=y"))));
  EXPECT_THAT(refusal(std::string("AccountName=abc;SharedAccessSignature=sig=x;AccountKey=") + key),
              HasSubstr("both an AccountKey and a SharedAccessSignature"));
  EXPECT_THAT(refusal("UseDevelopmentStorage=true;AccountName=abc"), HasSubstr("beside AccountName"));
  EXPECT_THAT(refusal("UseDevelopmentStorage=false"), HasSubstr("only to true"));
  EXPECT_THAT(refusal("DevelopmentStorageProxyUri=http://a"), HasSubstr("without UseDevelopmentStorage"));
  EXPECT_THAT(refusal(" ; "), HasSubstr("is empty"));
  EXPECT_THAT(refusal("DefaultEndpointsProtocol=ftp"), HasSubstr("neither http nor https"));
  EXPECT_THAT(refusal("AccountName=Not_Allowed"), HasSubstr("AccountName"));
  EXPECT_THAT(refusal("EndpointSuffix=core/windows"), HasSubstr("EndpointSuffix"));
}
