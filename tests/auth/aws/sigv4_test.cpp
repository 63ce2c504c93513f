#include "auth/aws/sigv4.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

using namespace auth::aws;

namespace {

// The key pair of AWS's published test suite for Signature Version 4.
constexpr char const* key_id = "AKIDEXAMPLE";
constexpr char const* secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr char const* time_of_suite = "20150830T123600Z";
constexpr char const* scope_of_suite = "20150830/us-east-1/service/aws4_request";
constexpr char const* empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Example {
  std::string name;
  std::string method;
  std::string target;
  std::vector<http::Header> headers;  // besides Host and X-Amz-Date
  std::string body;
  std::string signed_headers;
  std::string signature;
};

void PrintTo(Example const& example, std::ostream* out) { *out << example.name; }

std::vector<Example> suite() {
  std::string const host_date = "host;x-amz-date";
  std::string const vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
  return {
      {"get_vanilla", "GET", "/", {}, "", host_date, vanilla},
      {"get_relative_relative", "GET", "/example1/example2/../..", {}, "", host_date, vanilla},
      {"get_slashes",
       "GET",
       "//example//",
       {},
       "",
       host_date,
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get_space",
       "GET",
       "/example space/",
       {},
       "",
       host_date,
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"get_utf8",
       "GET",
       "/\xE1\x88\xB4",
       {},
       "",
       host_date,
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get_vanilla_utf8_query",
       "GET",
       "/?\xE1\x88\xB4=bar",
       {},
       "",
       host_date,
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get_vanilla_query_order_key",
       "GET",
       "/?Param1=value2&Param1=Value1",
       {},
       "",
       host_date,
       "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
      {"get_vanilla_query_order_value",
       "GET",
       "/?Param1=value2&Param1=value1",
       {},
       "",
       host_date,
       "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
      {"get_vanilla_query_order_key_case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {},
       "",
       host_date,
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"post_header_value_case",
       "POST",
       "/",
       {{"My-Header1", "VALUE1"}},
       "",
       "host;my-header1;x-amz-date",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"get_header_value_trim",
       "GET",
       "/",
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post_x_www_form_urlencoded",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  };
}

class Published : public testing::TestWithParam<Example> {};

std::map<std::string, std::string, std::less<>> keys() {
  return {{"AWS_ACCESS_KEY_ID", key_id}, {"AWS_SECRET_ACCESS_KEY", secret}};
}

struct Signed : testing::Test {
  http::Request sign(SigV4& signer) {
    http::Request request("POST", http::parse_url("https://example.amazonaws.com").value().origin, "/", body);
    for (auto const& header : headers) request.headers.set(header.name, header.value);
    auto const done = fakes::run(signer.sign(request));
    EXPECT_TRUE(done.has_value());
    return request;
  }
  Signed() { clock.set_system(*base::parse_iso8601("2015-08-30T12:36:00Z")); }

  fakes::Clock clock;
  std::string body;
  std::vector<http::Header> headers;
};

std::string authorization_of(http::Request const& request) {
  auto const value = request.headers.find("Authorization");
  return std::string(value.value_or(""));
}

}  // namespace

TEST_P(Published, HasTheSignatureOfTheSuite) {
  auto const& example = GetParam();
  auto headers = example.headers;
  headers.push_back({"X-Amz-Date", time_of_suite});
  headers.push_back({"Host", "example.amazonaws.com"});
  auto const canonical =
      canonical_request(example.method, example.target, headers, base::sha256_hex(example.body));
  auto const key = signing_key(base::Secret(secret), "20150830", "us-east-1", "service");
  EXPECT_EQ(
      authorization(key_id, scope("20150830", "us-east-1", "service"), canonical.signed_headers, key,
                    string_to_sign(time_of_suite, scope_of_suite, canonical.text)),
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" +
          example.signed_headers + ", Signature=" + example.signature)
      << canonical.text;
}

INSTANTIATE_TEST_SUITE_P(SigV4, Published, testing::ValuesIn(suite()),
                         [](auto const& tried) { return tried.param.name; });

TEST(SigV4, WritesTheCanonicalRequestOfTheSuite) {
  auto const canonical =
      canonical_request("GET", "/?Param1=value2&Param1=Value1",
                        {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", time_of_suite}}, empty_hash);
  EXPECT_EQ(canonical.text, std::string("GET\n/\nParam1=Value1&Param1=value2\nhost:example.amazonaws.com\n"
                                        "x-amz-date:20150830T123600Z\n\nhost;x-amz-date\n") +
                                empty_hash);
}

TEST(SigV4, WritesTheStringToSignOfTheSuite) {
  auto const canonical = canonical_request("POST", "/",
                                           {{"Host", "example.amazonaws.com"},
                                            {"X-Amz-Date", time_of_suite},
                                            {"Content-Type", "application/x-www-form-urlencoded"}},
                                           base::sha256_hex("Param1=value1"));
  EXPECT_EQ(string_to_sign(time_of_suite, scope_of_suite, canonical.text),
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
            "42a5e5bb34198acb3e84da4f085bb7927f2bc277ca766e6d19c73c2154021281");
}

TEST(SigV4, EncodesAnEncodedPathOnceMore) {
  EXPECT_EQ(canonical_path("/a%20b/c"), "/a%2520b/c");
  EXPECT_EQ(canonical_path(""), "/");
  EXPECT_EQ(canonical_path("/"), "/");
  EXPECT_EQ(canonical_path("/a/"), "/a/");
}

TEST(SigV4, JoinsHeadersOfOneName) {
  auto const canonical = canonical_request("GET", "/", {{"b", "2"}, {"A", "1"}, {"B", "1"}}, empty_hash);
  EXPECT_EQ(canonical.signed_headers, "a;b");
  EXPECT_THAT(canonical.text, testing::HasSubstr("\na:1\nb:2,1\n\n"));
}

TEST_F(Signed, CarriesDateAndSignature) {
  base::Environment const environment(keys());
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  body = "Param1=value1";
  headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"User-Agent", "not signed"}};
  auto const request = sign(signer);
  EXPECT_EQ(*request.headers.find("x-amz-date"), time_of_suite);
  EXPECT_THAT(authorization_of(request),
              testing::EndsWith("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

// post-sts-header-before of the suite.
TEST_F(Signed, SignsTheSessionToken) {
  std::string const token =
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTfl"
      "fKD8YUuwthAx7mSEI/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6"
      "d+"
      "xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/"
      "oLxBA=="
      "";
  auto variables = keys();
  variables["AWS_SESSION_TOKEN"] = token;
  base::Environment const environment(variables);
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  auto const request = sign(signer);
  EXPECT_EQ(*request.headers.find("X-Amz-Security-Token"), token);
  EXPECT_THAT(
      authorization_of(request),
      testing::AllOf(testing::HasSubstr("SignedHeaders=host;x-amz-date;x-amz-security-token,"),
                     testing::EndsWith("85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")));
}

TEST_F(Signed, IsTheSameWhenSignedAgain) {
  base::Environment const environment(keys());
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  auto request = sign(signer);
  auto const first = authorization_of(request);
  ASSERT_TRUE(fakes::run(signer.sign(request)).has_value());
  EXPECT_EQ(authorization_of(request), first);
}

TEST_F(Signed, ChangesItsKeyWithTheDay) {
  base::Environment const environment(keys());
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  sign(signer);
  clock.advance(std::chrono::hours(24));
  auto const later = authorization_of(sign(signer));
  SigV4 fresh(source, "us-east-1", "service", clock);
  EXPECT_EQ(later, authorization_of(sign(fresh)));
  EXPECT_THAT(later, testing::HasSubstr("/20150831/"));
}

TEST_F(Signed, FollowsTheClockOfTheService) {
  base::Environment const environment(keys());
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  signer.set_clock(clock.system() - std::chrono::hours(1));
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(*sign(signer).headers.find("X-Amz-Date"), "20150830T113605Z");
}

TEST_F(Signed, IsRefusedWithoutCredentials) {
  base::Environment const environment;
  EnvironmentSource source(environment);
  SigV4 signer(source, "us-east-1", "service", clock);
  http::Request request;
  auto const done = fakes::run(signer.sign(request));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, base::Errc::denied);
  EXPECT_FALSE(request.headers.find("Authorization"));
}
