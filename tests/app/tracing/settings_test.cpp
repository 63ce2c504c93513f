#include "app/tracing/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace app::tracing;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string, std::less<>>;

Read read(Variables variables) { return read_settings(base::Environment(std::move(variables)), "consumer"); }
// Those of a program with an endpoint and `more`, without any warning.
Settings settings(Variables more) {
  more.emplace("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
  auto found = read(std::move(more));
  EXPECT_THAT(found.warnings, testing::IsEmpty());
  return found.settings.value_or(Settings());
}
std::string resource(Settings const& settings, std::string const& key) {
  for (auto const& [name, value] : settings.resource)
    if (name == key) return value;
  return "?";
}

TEST(TraceSettings, AreOnlyThereWhereAnEndpointIs) {
  EXPECT_FALSE(read({}).settings.has_value());
  EXPECT_FALSE(read({{"OTEL_TRACES_SAMPLER", "always_on"}}).settings.has_value());
  EXPECT_TRUE(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}}).settings.has_value());
  EXPECT_TRUE(read({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c"}}).settings.has_value());
  for (auto const& off :
       {std::pair("OTEL_SDK_DISABLED", "TRUE"), std::pair("OTEL_TRACES_EXPORTER", "none")}) {
    auto const found = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, off});
    EXPECT_FALSE(found.settings.has_value());
    EXPECT_THAT(found.warnings, testing::IsEmpty());
  }
}

TEST(TraceSettings, AddThePathToTheEndpointOfAllSignalsAlone) {
  auto const path = [](char const* name, char const* url) {
    return read({{name, url}}).settings.value_or(Settings()).endpoint.path;
  };
  EXPECT_EQ(path("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), "/v1/traces");
  EXPECT_EQ(path("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/base/"), "/base/v1/traces");
  EXPECT_EQ(path("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/in"), "/in");
  EXPECT_EQ(path("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c"), "/");
}

TEST(TraceSettings, PreferTheVariablesOfTracesAlone) {
  auto const found = settings({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://other/in"},
                               {"OTEL_EXPORTER_OTLP_TIMEOUT", "1000"},
                               {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"}});
  EXPECT_EQ(found.endpoint.origin.host, "other");
  EXPECT_EQ(found.timeout, 2s);
}

TEST(TraceSettings, SampleAsTheStandardNamesSay) {
  auto const sampler = [](char const* name, char const* argument) {
    Variables more;
    if (name != nullptr) more.emplace("OTEL_TRACES_SAMPLER", name);
    if (argument != nullptr) more.emplace("OTEL_TRACES_SAMPLER_ARG", argument);
    auto const found = settings(more).sampler;
    return std::pair(found.parent_based, found.ratio);
  };
  EXPECT_EQ(sampler(nullptr, nullptr), std::pair(true, 0.01));
  EXPECT_EQ(sampler(nullptr, "0.5"), std::pair(true, 0.5));
  EXPECT_EQ(sampler("always_on", nullptr), std::pair(false, 1.0));
  EXPECT_EQ(sampler("always_off", "1"), std::pair(false, 0.0));
  EXPECT_EQ(sampler("traceidratio", "0.25"), std::pair(false, 0.25));
  EXPECT_EQ(sampler("traceidratio", nullptr), std::pair(false, 1.0));
  EXPECT_EQ(sampler("parentbased_always_on", nullptr), std::pair(true, 1.0));
  EXPECT_EQ(sampler("parentbased_always_off", nullptr), std::pair(true, 0.0));
  EXPECT_EQ(sampler("parentbased_traceidratio", "1"), std::pair(true, 1.0));
}

TEST(TraceSettings, TellWhatCannotBeUsedAndGoOn) {
  for (auto const& [name, value] : Variables{{"OTEL_TRACES_SAMPLER", "xray"},
                                             {"OTEL_TRACES_SAMPLER_ARG", "1.5"},
                                             {"OTEL_EXPORTER_OTLP_TIMEOUT", "-1"},
                                             {"OTEL_BSP_MAX_QUEUE_SIZE", "0"},
                                             {"OTEL_RESOURCE_ATTRIBUTES", "a"},
                                             {"OTEL_EXPORTER_OTLP_HEADERS", "a b=c"}}) {
    auto const found = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {name, value}});
    EXPECT_THAT(found.warnings, ElementsAre(HasSubstr(name)));
    ASSERT_TRUE(found.settings.has_value()) << name;
    EXPECT_EQ(found.settings->sampler.ratio, 0.01);
    EXPECT_EQ(found.settings->queue, 2048U);
  }
  for (auto const& [name, value] : Variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"},
                                             {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                             {"OTEL_TRACES_EXPORTER", "zipkin"}}) {
    Variables variables{{name, value}};
    variables.emplace("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
    auto const found = read(variables);
    EXPECT_THAT(found.warnings, ElementsAre(HasSubstr(name)));
    EXPECT_FALSE(found.settings.has_value()) << name;
  }
}

TEST(TraceSettings, NeverRepeatASecretInAWarning) {
  for (auto const* headers : {"authorization=s3cr3t\nx", "s3cr3t", "authorization=%zzs3cr3t"}) {
    auto const found =
        read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", headers}});
    ASSERT_EQ(found.warnings.size(), 1U) << headers;
    EXPECT_THAT(found.warnings.front(), testing::Not(HasSubstr("s3cr3t")));
  }
  auto const found = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:s3cr3t@c"}});
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_THAT(found.warnings.front(), testing::Not(HasSubstr("s3cr3t")));
}

TEST(TraceSettings, DecodeHeadersAndResource) {
  auto const found =
      settings({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x , tenant=a=b"},
                {"OTEL_RESOURCE_ATTRIBUTES", "team=orders,service.name=orders%2Cprod,empty="}});
  ASSERT_EQ(found.headers.size(), 2U);
  EXPECT_EQ(found.headers[0].second.reveal(), "Bearer x");
  EXPECT_EQ(found.headers[1].second.reveal(), "a=b");
  EXPECT_EQ(resource(found, "service.name"), "orders,prod");
  EXPECT_EQ(resource(found, "team"), "orders");
  EXPECT_EQ(resource(settings({}), "service.name"), "consumer");
  EXPECT_EQ(resource(settings({{"OTEL_SERVICE_NAME", "s"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=r"}}),
                     "service.name"),
            "s");
}

TEST(Sampler, KeepsItsShareAndAgreesWithASmallerOne) {
  base::SeededRandom random(7);
  Sampler const tenth{true, 0.1};
  Sampler const half{true, 0.5};
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto const trace = new_trace_id(random);
    if (tenth.keeps(trace)) {
      ++kept;
      EXPECT_TRUE(half.keeps(trace));
    }
    EXPECT_TRUE((Sampler{true, 1.0}.keeps(trace)));
    EXPECT_FALSE((Sampler{true, 0.0}.keeps(trace)));
  }
  EXPECT_NEAR(kept, 1000, 150);
}

}  // namespace
