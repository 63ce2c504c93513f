#include "auth/azure/token_proxy.hpp"

#include "auth/azure/workload_identity.hpp"
#include "auth/azure/world.hpp"
#include "fakes/server.hpp"
#include "http/curl/client.hpp"

using base::Errc;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

constexpr auto sni_name = "1a2b.ests.aks";

// The cluster's proxy on a real TLS server, reached by the real client.
class TokenProxy : public World {
 protected:
  TokenProxy() {
    application();
    token_file("projected-token");
    set("AZURE_KUBERNETES_TOKEN_PROXY", server.origin().to_string() + "/proxy/");
    set("AZURE_KUBERNETES_SNI_NAME", sni_name);
    set("AZURE_KUBERNETES_CA_FILE", folder.write("ca.pem", authority.pem()));
    server.reply([](fakes::Received const&) { return fakes::response(200, reply_of("access-token")); });
  }
  base::Result<auth::azure::AccessToken> exchange() {
    if (!source) {
      http::curl::Settings settings;
      transport = http::curl::Client::make(loop.get_executor(), settings, environment, log).value();
      source = std::make_unique<auth::azure::WorkloadIdentity>(
          auth::azure::Surroundings{*transport, *transport, *transport, clock, random, environment, log});
    }
    return fakes::run(loop, source->get());
  }
  std::string refused() {
    auto const token = exchange();
    EXPECT_FALSE(token);
    return token ? "no failure" : describe(token.error());
  }

  fakes::Authority authority;
  fakes::Server server{loop, authority.issue(sni_name)};
  std::unique_ptr<http::Client> transport;
  std::unique_ptr<auth::azure::WorkloadIdentity> source;
};

}  // namespace

TEST_F(TokenProxy, ExchangesTheTokenUnderItsOwnNameAndAuthority) {
  EXPECT_EQ(exchange().value().token.reveal(), "access-token");
  ASSERT_THAT(server.requests(), SizeIs(1));
  auto const& request = server.requests()[0];
  EXPECT_EQ(request.server_name, sni_name);
  EXPECT_EQ(*request.headers.find("Host"), server.origin().authority());
  EXPECT_EQ(request.target, "/proxy/my-tenant/oauth2/v2.0/token");
  EXPECT_THAT(request.body, HasSubstr("client_assertion=projected-token"));
  EXPECT_THAT(log.all, Not(HasSubstr("projected-token")));
}

TEST_F(TokenProxy, IsBelievedByTheAuthoritiesInTheVariableAsWell) {
  set("AZURE_KUBERNETES_CA_FILE", "");
  set("AZURE_KUBERNETES_CA_DATA", authority.pem());
  EXPECT_TRUE(exchange());
}

TEST_F(TokenProxy, IsBelievedByTheClientsAuthoritiesWhereItHasNoneOfItsOwn) {
  set("SSL_CERT_FILE", variables["AZURE_KUBERNETES_CA_FILE"]);
  set("AZURE_KUBERNETES_CA_FILE", "");
  EXPECT_TRUE(exchange());
}

TEST_F(TokenProxy, IsFollowedThroughAChangeOfItsAuthority) {
  ASSERT_TRUE(exchange());
  fakes::Authority next;
  server.use(next.issue(sni_name));
  EXPECT_THAT(refused(),
              AllOf(HasSubstr("AZURE_KUBERNETES_TOKEN_PROXY"), HasSubstr("AZURE_KUBERNETES_CA_FILE"),
                    HasSubstr("not trusted"), Not(HasSubstr("--ca-file"))));
  folder.write("ca.pem", authority.pem() + next.pem());
  EXPECT_TRUE(exchange()) << "while both are in the file";
  folder.write("ca.pem", next.pem());
  EXPECT_TRUE(exchange());
  server.use(authority.issue(sni_name));
  EXPECT_THAT(refused(), HasSubstr("not trusted")) << "the old one is not believed for ever";
}

TEST_F(TokenProxy, OutlivesAFileThatIsEmptyForAMoment) {
  folder.write("ca.pem", " \n");
  auto const early = exchange();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Errc::transient);
  EXPECT_THAT(early.error().message, AllOf(HasSubstr("AZURE_KUBERNETES_CA_FILE"), HasSubstr("is empty")));
  folder.write("ca.pem", authority.pem());
  ASSERT_TRUE(exchange());
  folder.write("ca.pem", "");
  EXPECT_TRUE(exchange()) << "with what was there before";
}

TEST_F(TokenProxy, IsNotBelievedUnderAnotherName) {
  set("AZURE_KUBERNETES_SNI_NAME", "other.ests.aks");
  EXPECT_THAT(refused(), HasSubstr("AZURE_KUBERNETES_SNI_NAME"));
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(TokenProxy, SaysWhichVariableIsWrong) {
  struct Case {
    std::string variable, value, words;
  };
  for (auto const& [variable, value, words] :
       {Case{"AZURE_KUBERNETES_TOKEN_PROXY", "http://proxy.test", "must begin with https://"},
        Case{"AZURE_KUBERNETES_TOKEN_PROXY", "https://user:hidden@proxy.test", "user name or password"},
        Case{"AZURE_KUBERNETES_TOKEN_PROXY", "https://proxy.test/?a=hidden", "query"},
        Case{"AZURE_KUBERNETES_TOKEN_PROXY", "https://proxy.test/?", "query"},
        Case{"AZURE_KUBERNETES_TOKEN_PROXY", "https://proxy.test/#hidden", "#fragment"},
        Case{"AZURE_KUBERNETES_TOKEN_PROXY", "proxy.test", "https://"},
        Case{"AZURE_KUBERNETES_SNI_NAME", "a/b", "no host name"},
        Case{"AZURE_KUBERNETES_CA_DATA", "also set", "unset one of the two"},
        Case{"AZURE_KUBERNETES_CA_FILE", "/no/such/file", "can't be read"}}) {
    auto const before = variables;
    set(variable, value);
    source.reset();
    EXPECT_THAT(refused(), AllOf(HasSubstr("workload identity"), HasSubstr("AZURE_KUBERNETES_"),
                                 HasSubstr(words), Not(HasSubstr("hidden"))))
        << variable << '=' << value;
    variables = before;
  }
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(TokenProxy, IsMissedWhereItsOtherVariablesAreSet) {
  set("AZURE_KUBERNETES_TOKEN_PROXY", "");
  EXPECT_THAT(refused(), AllOf(HasSubstr("AZURE_KUBERNETES_SNI_NAME"), HasSubstr("which is not set")));
  set("AZURE_KUBERNETES_SNI_NAME", "");
  source.reset();
  EXPECT_THAT(refused(), HasSubstr("AZURE_KUBERNETES_CA_FILE"));
  set("AZURE_KUBERNETES_CA_FILE", "");
  EXPECT_FALSE(auth::azure::TokenProxy::read(environment).value());
}
