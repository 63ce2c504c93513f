// The identity chain behind a queue and a table.
#include "base/encoding.hpp"
#include "fakes/certificate.hpp"
#include "storage/azure/world.hpp"

using storage::Errc;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class CloudWithIdentity : public World {
 protected:
  CloudWithIdentity() : World("AccountName=acc") {
    std::map<std::string, std::string, std::less<>> const variables{
        {"AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc"},
        {"AZURE_TENANT_ID", "my-tenant"},
        {"AZURE_CLIENT_ID", "my-client"},
        {"AZURE_FEDERATED_TOKEN_FILE", folder.write("token", "projected-token")}};
    environment = base::Environment(variables);
  }
  void token(std::string const& text) {
    client.reply(200, R"({"expires_in":3600,"access_token":")" + text + "\"}");
  }
  void refuse(int status, std::string const& code) {
    client.reply(status, "", with("x-ms-error-code", code));
  }
  void answer() { client.reply(200, "", with("x-ms-approximate-messages-count", "1")); }
  std::string authorization(std::size_t request) {
    auto const value = client.requests.at(request).headers.find("Authorization");
    return std::string(value.value_or("none"));
  }
  // How often the authority was asked.
  std::size_t exchanges() const {
    std::size_t count = 0;
    for (auto const& request : client.requests)
      if (request.origin.host == "login.microsoftonline.com") ++count;
    return count;
  }
  fakes::TempDir folder;
};

class CloudWithIdentityOverHttp : public World {
 protected:
  CloudWithIdentityOverHttp() : World("QueueEndpoint=http://10.0.0.7/acc") {}
};

}  // namespace

TEST_F(CloudWithIdentity, PutsOneTokenOnTheRequestsOfQueueAndTable) {
  token("first");
  answer();
  ASSERT_TRUE(run(queue()->depth()));
  client.reply(404, "", with("x-ms-error-code", "ResourceNotFound"));
  storage::Key key;
  key.partition = "p";
  key.row = "r";
  ASSERT_TRUE(run(table()->get(key)));
  EXPECT_EQ(exchanges(), 1U);
  EXPECT_EQ(authorization(0), "none");
  EXPECT_EQ(authorization(1), "Bearer first");
  EXPECT_EQ(client.requests.at(1).origin.to_string(), "https://acc.queue.core.windows.net");
  EXPECT_EQ(authorization(2), "Bearer first");
  EXPECT_EQ(client.requests.at(2).origin.to_string(), "https://acc.table.core.windows.net");
}

TEST_F(CloudWithIdentity, RenewsARefusedTokenOnceAndSendsAgain) {
  for (auto const& [status, code] :
       {std::pair(401, "InvalidAuthenticationInfo"), std::pair(403, "AuthenticationFailed")}) {
    std::size_t const before = client.requests.size();
    if (before == 0) token("first");
    refuse(status, code);
    token("next");
    answer();
    EXPECT_TRUE(run(queue()->depth())) << code;
    EXPECT_EQ(authorization(client.requests.size() - 1), "Bearer next") << code;
    clock.advance(10s);
  }
  EXPECT_EQ(exchanges(), 3U);
}

TEST_F(CloudWithIdentity, TakesASecondRefusalForTheAnswer) {
  token("first");
  refuse(401, "InvalidAuthenticationInfo");
  token("second");
  refuse(401, "InvalidAuthenticationInfo");
  auto const depth = run(queue()->depth());
  ASSERT_FALSE(depth);
  EXPECT_EQ(depth.error().code, Errc::denied);
  EXPECT_THAT(depth.error().message, HasSubstr("the workload identity my-client"));
  EXPECT_THAT(client.requests, SizeIs(4));
}

TEST_F(CloudWithIdentity, NamesAMissingRoleAndDoesNotRenewForIt) {
  token("first");
  refuse(403, "AuthorizationPermissionMismatch");
  auto const depth = run(queue()->depth());
  ASSERT_FALSE(depth);
  EXPECT_EQ(depth.error().code, Errc::denied);
  EXPECT_THAT(depth.error().message, AllOf(HasSubstr("the workload identity my-client"),
                                           HasSubstr("Storage Queue Data Contributor")));
  EXPECT_THAT(client.requests, SizeIs(2));
}

TEST_F(CloudWithIdentity, SaysWhyItHasNoToken) {
  client.reply(401, R"({"error_description":"AADSTS700016: Application was not found."})");
  auto const depth = run(queue()->depth());
  ASSERT_FALSE(depth);
  EXPECT_THAT(depth.error().message, HasSubstr("AADSTS700016"));
  EXPECT_FALSE(depth.error().maybe_applied);
}

TEST_F(CloudWithIdentityOverHttp, RefusesToShowATokenToTheNetwork) {
  auto const opened = cloud->queue(storage::Uri::parse("azure:work").value());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid);
  EXPECT_THAT(opened.error().message, HasSubstr("plain http"));
}
