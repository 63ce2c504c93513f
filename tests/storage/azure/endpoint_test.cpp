#include "storage/azure/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace storage::azure;
using base::Environment;
using storage::Uri;
using testing::HasSubstr;

namespace {

constexpr char const* variable = "AZURE_STORAGE_CONNECTION_STRING";

Settings settings(std::map<std::string, std::string, std::less<>> variables) {
  return read_settings(Environment(std::move(variables))).value();
}

std::string url(Service service, std::string_view uri, Settings const& with) {
  auto const found = find_endpoint(service, Uri::parse(uri).value(), with);
  if (!found) return describe(found.error());
  return found->origin.to_string() + found->prefix + " name=" + found->name + " account=" + found->account;
}

std::string refusal(Service service, std::string_view uri, Settings const& with) {
  auto const found = find_endpoint(service, Uri::parse(uri).value(), with);
  if (found) return "accepted";
  EXPECT_EQ(found.error().code, base::Errc::invalid);
  return found.error().message;
}

}  // namespace

TEST(Endpoint, ClaimsItsFourFormsAndNothingElse) {
  for (auto const* ours :
       {"azure:q", "azure://acc/q", "https://acc.queue.core.windows.net/q", "https://ACC.TABLE.example.org/t",
        "http://acc.queue.core.windows.net/q", "https://acc.z07.queue.storage.azure.net/q"})
    EXPECT_TRUE(is_azure(Uri::parse(ours).value())) << ours;
  for (auto const* other : {"aws:q", "sqlite:a.db#q", "https://sqs.eu-west-1.amazonaws.com/1/q",
                            "https://eu-west-1.queue.amazonaws.com/1/q",
                            "https://acc.blob.core.windows.net/q", "https://queue.core.windows.net/q"})
    EXPECT_FALSE(is_azure(Uri::parse(other).value())) << other;
}

TEST(Endpoint, IsMadeFromTheAccountOfTheUri) {
  EXPECT_EQ(url(Service::queue, "azure://acc/my-queue", settings({})),
            "https://acc.queue.core.windows.net name=my-queue account=acc");
  EXPECT_EQ(url(Service::table, "azure://acc/MyTable", settings({})),
            "https://acc.table.core.windows.net name=MyTable account=acc");
}

TEST(Endpoint, IsTheHostOfAnHttpsUri) {
  EXPECT_EQ(url(Service::queue, "https://acc.queue.core.chinacloudapi.cn/qqq", settings({})),
            "https://acc.queue.core.chinacloudapi.cn name=qqq account=acc");
  EXPECT_EQ(url(Service::table, "https://acc.z07.table.storage.azure.net/ttt", settings({})),
            "https://acc.z07.table.storage.azure.net name=ttt account=acc");
}

TEST(Endpoint, TakesTheAccountFromTheEnvironment) {
  EXPECT_EQ(url(Service::queue, "azure:qqq", settings({{"AZURE_STORAGE_ACCOUNT_NAME", "fromenv"}})),
            "https://fromenv.queue.core.windows.net name=qqq account=fromenv");
  EXPECT_THAT(refusal(Service::queue, "azure:qqq", settings({})),
              HasSubstr("set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_NAME"));
}

TEST(Endpoint, PrefersTheConnectionStringToTheAccountVariable) {
  auto const with =
      settings({{variable, "AccountName=strings"}, {"AZURE_STORAGE_ACCOUNT_NAME", "variables"}});
  EXPECT_EQ(url(Service::queue, "azure:qqq", with),
            "https://strings.queue.core.windows.net name=qqq account=strings");
}

TEST(Endpoint, TakesAnOverrideForEveryForm) {
  auto const with = settings({{variable,
                               "AccountName=acc;QueueEndpoint=http://127.0.0.1:7/acc;"
                               "TableEndpoint=http://127.0.0.1:8/acc/"}});
  for (auto const* uri : {"azure:qqq", "azure://acc/qqq", "https://acc.queue.core.windows.net/qqq"})
    EXPECT_EQ(url(Service::queue, uri, with), "http://127.0.0.1:7/acc name=qqq account=acc") << uri;
  EXPECT_EQ(url(Service::table, "azure:ttt", with), "http://127.0.0.1:8/acc name=ttt account=acc");
}

TEST(Endpoint, ReadsTheAccountOffAnOverrideWhereTheStringDoesNotNameIt) {
  EXPECT_EQ(url(Service::queue, "azure:qqq",
                settings({{variable, "QueueEndpoint=https://acc.queue.core.windows.net/"}})),
            "https://acc.queue.core.windows.net name=qqq account=acc");
  EXPECT_EQ(url(Service::queue, "azure:qqq", settings({{variable, "QueueEndpoint=http://10.0.0.7:1/acc"}})),
            "http://10.0.0.7:1/acc name=qqq account=acc");
  EXPECT_EQ(
      url(Service::queue, "azure://acc/qqq", settings({{variable, "QueueEndpoint=https://own.example"}})),
      "https://own.example name=qqq account=acc");
}

TEST(Endpoint, RefusesAnotherAccountThanTheConnectionStrings) {
  for (auto const* string : {"AccountName=mine", "QueueEndpoint=https://mine.queue.core.windows.net"})
    for (auto const* uri : {"azure://other/qqq", "https://other.queue.core.windows.net/qqq"}) {
      auto const message = refusal(Service::queue, uri, settings({{variable, string}}));
      EXPECT_THAT(message, HasSubstr("\"other\""));
      EXPECT_THAT(message, HasSubstr("\"mine\""));
      EXPECT_THAT(message, HasSubstr(variable));
    }
}

TEST(Endpoint, FindsTheSovereignClouds) {
  EXPECT_EQ(url(Service::queue, "azure://acc/qqq",
                settings({{"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}})),
            "https://acc.queue.core.usgovcloudapi.net name=qqq account=acc");
  EXPECT_EQ(url(Service::table, "azure:ttt",
                settings({{variable, "AccountName=acc;EndpointSuffix=core.chinacloudapi.cn"},
                          {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us"}})),
            "https://acc.table.core.chinacloudapi.cn name=ttt account=acc");
  EXPECT_EQ(suffix_of_authority("https://login.microsoftonline.com"), "core.windows.net");
}

TEST(Endpoint, SpeaksHttpOnlyWhereTheConnectionStringSaysSo) {
  auto const with = settings({{variable, "AccountName=acc;DefaultEndpointsProtocol=http"}});
  EXPECT_EQ(url(Service::queue, "azure:qqq", with), "http://acc.queue.core.windows.net name=qqq account=acc");
  EXPECT_THAT(refusal(Service::queue, "http://acc.queue.core.windows.net/qqq", settings({})),
              HasSubstr("must begin with https://"));
}

TEST(Endpoint, RefusesAQueueWhereATableIsWantedAndTheReverse) {
  EXPECT_THAT(refusal(Service::table, "https://acc.queue.core.windows.net/qqq", settings({})),
              HasSubstr("is the address of a queue where a table is wanted"));
  EXPECT_THAT(refusal(Service::queue, "https://acc.table.core.windows.net/ttt", settings({})),
              HasSubstr("is the address of a table where a queue is wanted"));
}

TEST(Endpoint, RefusesWhatIsMalformed) {
  EXPECT_THAT(refusal(Service::queue, "azure:///qqq", settings({})), HasSubstr("azure://ACCOUNT/NAME"));
  EXPECT_THAT(refusal(Service::queue, "azure:qqq#part", settings({})), HasSubstr("#fragment"));
  EXPECT_THAT(refusal(Service::queue, "azure://acc/qqq/more", settings({})), HasSubstr("can't name a queue"));
  EXPECT_THAT(refusal(Service::queue, "azure://ab/qqq", settings({})),
              HasSubstr("can't name a storage account"));
  EXPECT_THAT(refusal(Service::queue, "https://acc.queue.core.windows.net:444/qqq", settings({})),
              HasSubstr("is not of the form"));
}

TEST(Endpoint, ChecksTheNameByTheRulesOfTheService) {
  std::string const longest(63, 'a');
  for (std::string const good : {"abc", "a-b-c", "1ab", longest.c_str()})
    EXPECT_FALSE(check_name(Service::queue, good).has_value()) << good;
  for (std::string const bad : {"ab", "Abc", "-abc", "abc-", "a--b", "a_b", "a.b", "äbc", "a%2fb", ""})
    EXPECT_TRUE(check_name(Service::queue, bad).has_value()) << bad;
  EXPECT_TRUE(check_name(Service::queue, longest + 'a').has_value());
  for (std::string const good : {"abc", "ABC", "a1b", longest.c_str()})
    EXPECT_FALSE(check_name(Service::table, good).has_value()) << good;
  for (std::string const bad : {"ab", "1abc", "a-b", "a_b", "tables", "Tables", "", "a'b"})
    EXPECT_TRUE(check_name(Service::table, bad).has_value()) << bad;
  EXPECT_TRUE(check_name(Service::table, longest + 'a').has_value());
}
