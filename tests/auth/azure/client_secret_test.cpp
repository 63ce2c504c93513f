#include "auth/azure/world.hpp"

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

class ClientSecret : public World {
 protected:
  ClientSecret() {
    application();
    set("AZURE_CLIENT_SECRET", "not&a=real secret");
  }
};

}  // namespace

TEST_F(ClientSecret, IsExchangedForAnAccessToken) {
  client.reply(200, reply_of("access-token"));
  EXPECT_EQ(get().value().token.reveal(), "access-token");
  std::map<std::string, std::string> const expected{{"grant_type", "client_credentials"},
                                                    {"client_id", "my-client"},
                                                    {"scope", "https://storage.azure.com/.default"},
                                                    {"client_secret", "not&a=real secret"}};
  EXPECT_EQ(form_of(client.requests.at(0)), expected);
  EXPECT_EQ(identity().description(), "the application my-client");
  EXPECT_THAT(log.all, Not(HasSubstr("real")));
}

TEST_F(ClientSecret, SaysWhatToDoWhereItIsWrongOrExpired) {
  client.reply(401, refusal("7000215", "Invalid client secret provided."));
  EXPECT_THAT(failure(), AllOf(HasSubstr("client secret was refused a token"), HasSubstr("AADSTS7000215"),
                               HasSubstr("the secret's value and not its id")));
  clock.advance(std::chrono::hours(1));
  client.reply(401, refusal("7000222", "The provided client secret keys are expired."));
  EXPECT_THAT(failure(), AllOf(HasSubstr("AADSTS7000222"), HasSubstr("make a new one")));
}

TEST_F(ClientSecret, NamesAVariableThatIsMissing) {
  set("AZURE_TENANT_ID", "");
  EXPECT_THAT(failure(), HasSubstr("client secret needs AZURE_TENANT_ID"));
  EXPECT_THAT(client.requests, IsEmpty());
}
