#include "storage/azure/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"

using namespace storage::azure;
using base::Errc;
using base::Error;
using testing::HasSubstr;
using testing::Not;

namespace {

Place place(Service service = Service::queue) {
  Place at;
  at.service = service;
  at.name = "work";
  at.account = "acc";
  at.host = "acc.queue.core.windows.net";
  at.credential = "the AccountKey of AZURE_STORAGE_CONNECTION_STRING";
  return at;
}

http::Response reply(int status, std::string body = {}, std::string code = {}) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  if (!code.empty()) response.headers.set("x-ms-error-code", std::move(code));
  return response;
}

Error error(http::Response const& response, Service service = Service::queue) {
  return to_error(response, place(service), base::System());
}

}  // namespace

TEST(Errors, ReadTheServiceCodeOfXmlAndJsonAndHeader) {
  auto const xml =
      error(reply(400,
                  "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>InvalidInput</Code>"
                  "<Message>One of the inputs is wrong.\nRequestId:1\nTime:2</Message></Error>"));
  EXPECT_EQ(xml.service_code, "InvalidInput");
  EXPECT_EQ(xml.code, Errc::invalid);
  EXPECT_THAT(xml.message, HasSubstr("One of the inputs is wrong."));
  EXPECT_THAT(xml.message, Not(HasSubstr("RequestId")));

  auto const json = error(reply(404, R"({"odata.error":{"code":"TableNotFound","message":{"lang":"en-US",)"
                                     R"("value":"The table is absent.\nRequestId:1"}}})"),
                          Service::table);
  EXPECT_EQ(json.service_code, "TableNotFound");
  EXPECT_EQ(json.code, Errc::absent);

  EXPECT_EQ(error(reply(404, "", "QueueNotFound")).code, Errc::absent);
}

TEST(Errors, SayWhatTheCallerDoesNext) {
  struct Row {
    int status;
    char const* code;
    Errc expected;
  };
  for (auto const& [status, code, expected] : {
           Row{400, "PopReceiptMismatch", Errc::conflict},
           Row{404, "MessageNotFound", Errc::conflict},
           Row{404, "QueueNotFound", Errc::absent},
           Row{404, "ResourceNotFound", Errc::absent},
           Row{409, "QueueBeingDeleted", Errc::transient},
           Row{409, "TableBeingDeleted", Errc::transient},
           Row{409, "EntityAlreadyExists", Errc::conflict},
           Row{412, "UpdateConditionNotSatisfied", Errc::conflict},
           Row{400, "InvalidInput", Errc::invalid},
           Row{400, "PropertyNameInvalid", Errc::invalid},
           Row{400, "EntityTooLarge", Errc::too_large},
           Row{400, "PropertyValueTooLarge", Errc::too_large},
           Row{413, "RequestBodyTooLarge", Errc::too_large},
           Row{413, "", Errc::too_large},
           Row{403, "AuthenticationFailed", Errc::denied},
           Row{403, "AuthorizationPermissionMismatch", Errc::denied},
           Row{400, "InvalidAuthenticationInfo", Errc::denied},
           Row{401, "", Errc::denied},
           Row{407, "", Errc::denied},
           Row{429, "", Errc::throttled},
           Row{503, "ServerBusy", Errc::throttled},
           Row{503, "", Errc::throttled},
           Row{500, "InternalError", Errc::transient},
           Row{500, "OperationTimedOut", Errc::transient},
           Row{503, "OperationTimedOut", Errc::transient},
           Row{502, "", Errc::transient},
           Row{504, "", Errc::transient},
           Row{408, "", Errc::transient},
       })
    EXPECT_EQ(error(reply(status, "", code)).code, expected) << status << ' ' << code;
}

TEST(Errors, SayThatTheServiceMayHaveActedOnlyWhereItMay) {
  EXPECT_TRUE(error(reply(500, "", "InternalError")).maybe_applied);
  EXPECT_TRUE(error(reply(503, "", "OperationTimedOut")).maybe_applied);
  EXPECT_FALSE(error(reply(503, "", "ServerBusy")).maybe_applied);
  EXPECT_TRUE(error(reply(503, "", "")).maybe_applied);  // a gateway's own, perhaps after the service acted
  EXPECT_FALSE(error(reply(429, "", "")).maybe_applied);
  EXPECT_FALSE(error(reply(400, "", "InvalidInput")).maybe_applied);
  auto after_a_lost_reply = reply(400, "", "PopReceiptMismatch");
  after_a_lost_reply.maybe_applied = true;
  EXPECT_TRUE(error(after_a_lost_reply).maybe_applied);
  // That the last attempt did nothing says nothing of the ones before it.
  after_a_lost_reply = reply(503, "", "ServerBusy");
  after_a_lost_reply.maybe_applied = true;
  EXPECT_TRUE(error(after_a_lost_reply).maybe_applied);
}

TEST(Errors, NameTheCredentialThatWasRefusedAndTheAccount) {
  auto const refused = error(reply(403, "", "AuthenticationFailed"));
  EXPECT_THAT(refused.message, HasSubstr("the AccountKey of AZURE_STORAGE_CONNECTION_STRING"));
  EXPECT_THAT(refused.message, HasSubstr("\"acc\""));
}

TEST(Errors, NameTheRoleThatIsMissing) {
  auto const code = "AuthorizationPermissionMismatch";
  EXPECT_THAT(error(reply(403, "", code)).message, HasSubstr("Storage Queue Data Contributor"));
  EXPECT_THAT(error(reply(403, "", code), Service::table).message,
              HasSubstr("Storage Table Data Contributor"));
}

TEST(Errors, SayThatCreateMakesWhatIsAbsent) {
  EXPECT_THAT(error(reply(404, "", "QueueNotFound")).message,
              testing::AllOf(HasSubstr("queue \"work\" does not exist"), HasSubstr("--create")));
}

TEST(Errors, KeepRequestIdAndRetryHint) {
  auto busy = reply(503, "", "ServerBusy");
  busy.headers.set("x-ms-request-id", "r-1");
  busy.headers.set("Retry-After", "3");
  auto const throttled = error(busy);
  EXPECT_EQ(throttled.request_id, "r-1");
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(3));
  EXPECT_EQ(throttled.http_status, 503);
}

TEST(Errors, SuspectTheEndpointWhereTheReplyIsNotTheServices) {
  for (auto const& strange :
       {reply(404, "<html><body>not found</body></html>"), reply(400, "<Error><Co"), reply(302),
        reply(418, "{\"odata.error\":7}"), reply(400, "{\"odata.error\"")}) {
    auto const suspected = error(strange);
    EXPECT_EQ(suspected.code, Errc::transient) << strange.body;
    EXPECT_THAT(suspected.message, HasSubstr("does not look like Azure Queue storage"));
  }
  EXPECT_THAT(error(reply(404, "?"), Service::table).message, HasSubstr("Azure Table storage"));
}

TEST(Errors, TakeNoServiceCodeThatIsNoWord) {
  EXPECT_EQ(error(reply(400, "<Error><Code>a b\nc</Code></Error>")).service_code, "");
}
