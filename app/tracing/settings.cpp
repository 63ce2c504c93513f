#include "app/tracing/settings.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

#include "app/version.hpp"
#include "base/encoding.hpp"

namespace app::tracing {

namespace {

using base::Environment;

// A decimal in [0, 1].
std::optional<double> ratio_of(std::string_view text) {
  double value = 0;
  double scale = 1;
  bool fraction = false;
  std::size_t digits = 0;
  for (char const c : base::trim(text)) {
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > 15) return std::nullopt;
    value = value * 10 + (c - '0');
    if (fraction) scale *= 10;
  }
  if (digits == 0 || value / scale > 1) return std::nullopt;
  return value / scale;
}

// "a=1,b=2", keys and values percent-encoded: W3C Baggage, without its properties.
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::optional<Pairs> pairs_of(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    auto const end = std::min(text.find(','), text.size());
    auto const item = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    auto const equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    auto const key = base::percent_decode(base::trim(item.substr(0, equals)));
    auto const value = base::percent_decode(base::trim(item.substr(equals + 1)));
    if (!key || !value || !base::is_utf8(*key) || !base::is_utf8(*value)) return std::nullopt;
    pairs.emplace_back(*key, *value);
  }
  return pairs;
}

bool is_field(std::string const& name, std::string const& value) {
  auto const visible = [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t';
  };
  auto const token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return std::all_of(name.begin(), name.end(), token) && std::all_of(value.begin(), value.end(), visible);
}

class Reader {
 public:
  Reader(Environment const& environment, Read& read) : environment_(environment), read_(read) {}

  void warn(std::string const& name, std::string const& what) {
    read_.warnings.push_back(name + ": " + what);
  }

  // The variable for traces alone, else the one for all signals.
  std::optional<std::pair<std::string, std::string>> otlp(std::string const& suffix) const {
    for (auto const* prefix : {"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"})
      if (auto value = environment_.get(prefix + suffix)) return std::pair(prefix + suffix, *value);
    return std::nullopt;
  }

  bool wanted() {
    if (base::lower(environment_.get("OTEL_SDK_DISABLED").value_or("")) == "true") return false;
    auto const exporter = environment_.get("OTEL_TRACES_EXPORTER").value_or("otlp");
    if (exporter == "none" || !otlp("ENDPOINT")) return false;
    if (exporter != "otlp") {
      warn("OTEL_TRACES_EXPORTER",
           "only otlp and none are known, so no spans are exported; leave it out to export them");
      return false;
    }
    if (auto const protocol = otlp("PROTOCOL"); protocol && protocol->second == "grpc") {
      warn(protocol->first,
           "OTLP over gRPC is not spoken here, so no spans are exported; name the collector's HTTP endpoint "
           "(port 4318 as a rule), and set http/json");
      return false;
    }
    return true;
  }

  bool endpoint(Settings& settings) {
    auto const found = otlp("ENDPOINT");
    auto url = http::parse_url(found->second);
    if (!url) {
      warn(found->first, url.error().message + "; no spans are exported");
      return false;
    }
    settings.endpoint = *std::move(url);
    // The one for all signals is a base, the one for traces is taken as it stands.
    auto& path = settings.endpoint.path;
    if (found->first == "OTEL_EXPORTER_OTLP_ENDPOINT") {
      while (path.ends_with('/')) path.pop_back();
      path += "/v1/traces";
    }
    if (path.empty()) path = "/";
    return true;
  }

  void headers(Settings& settings) {
    auto const found = otlp("HEADERS");
    if (!found) return;
    auto pairs = pairs_of(found->second);
    if (!pairs || !std::all_of(pairs->begin(), pairs->end(),
                               [](auto const& pair) { return is_field(pair.first, pair.second); })) {
      warn(found->first, "is not of the form name=value,name=value (percent-encoded), so no header is sent");
      return;
    }
    for (auto& [name, value] : *pairs) settings.headers.emplace_back(std::move(name), std::move(value));
  }

  void resource(Settings& settings, std::string const& program) {
    std::string service = program;
    settings.resource.emplace_back("service.name", "");
    settings.resource.emplace_back("service.version", version());
    settings.resource.emplace_back("telemetry.sdk.name", "edw");
    settings.resource.emplace_back("telemetry.sdk.language", "cpp");
    settings.resource.emplace_back("telemetry.sdk.version", version());
    if (auto const text = environment_.get("OTEL_RESOURCE_ATTRIBUTES")) {
      auto const pairs = pairs_of(*text);
      if (!pairs) warn("OTEL_RESOURCE_ATTRIBUTES", "is not of the form key=value,key=value and is left out");
      for (auto const& [key, value] : pairs.value_or(Pairs())) {
        if (key == "service.name")
          service = value;
        else
          put(settings, key, value);
      }
    }
    settings.resource.front().second = environment_.get("OTEL_SERVICE_NAME").value_or(service);
  }

  void sampler(Settings& settings) {
    auto const name = environment_.get("OTEL_TRACES_SAMPLER");
    auto const text = environment_.get("OTEL_TRACES_SAMPLER_ARG");
    auto& sampler = settings.sampler;
    auto kind = name.value_or("parentbased_traceidratio");
    constexpr std::string_view prefix = "parentbased_";
    sampler.parent_based = kind.starts_with(prefix);
    if (sampler.parent_based) kind.erase(0, prefix.size());
    if (kind == "always_on") {
      sampler.ratio = 1;
    } else if (kind == "always_off") {
      sampler.ratio = 0;
    } else if (kind == "traceidratio") {
      sampler.ratio = name ? 1.0 : Sampler().ratio;
      if (!text) return;
      auto const ratio = ratio_of(*text);
      if (ratio) sampler.ratio = *ratio;
      if (!ratio) warn("OTEL_TRACES_SAMPLER_ARG", "is no number from 0 to 1 and is left out");
    } else {
      sampler = Sampler();
      warn("OTEL_TRACES_SAMPLER",
           "is none of always_on, always_off, traceidratio and these with parentbased_ before them; "
           "parentbased_traceidratio with 0.01 is used");
    }
  }

  void limits(Settings& settings) {
    if (auto const found = otlp("TIMEOUT"))
      if (auto const ms = whole(*found, 1, 600'000)) settings.timeout = std::chrono::milliseconds(*ms);
    if (auto const ms = batching("SCHEDULE_DELAY", 0, 600'000))
      settings.delay = std::chrono::milliseconds(*ms);
    if (auto const size = batching("MAX_QUEUE_SIZE", 1, 1'000'000)) settings.queue = *size;
    if (auto const size = batching("MAX_EXPORT_BATCH_SIZE", 1, 10'000)) settings.batch = *size;
    settings.batch = std::min(settings.batch, settings.queue);
  }

 private:
  static void put(Settings& settings, std::string const& key, std::string const& value) {
    for (auto& [known, old] : settings.resource)
      if (known == key) {
        old = value;
        return;
      }
    settings.resource.emplace_back(key, value);
  }

  std::optional<std::uint64_t> whole(std::pair<std::string, std::string> const& variable, std::uint64_t least,
                                     std::uint64_t most) {
    auto const value = base::parse_u64(variable.second);
    if (value && *value >= least && *value <= most) return value;
    warn(variable.first, "is no whole number from " + std::to_string(least) + " to " + std::to_string(most) +
                             " and is left out");
    return std::nullopt;
  }
  std::optional<std::uint64_t> batching(std::string const& suffix, std::uint64_t least, std::uint64_t most) {
    auto const name = "OTEL_BSP_" + suffix;
    auto const text = environment_.get(name);
    return text ? whole({name, *text}, least, most) : std::nullopt;
  }

  Environment const& environment_;
  Read& read_;
};

}  // namespace

bool Sampler::keeps(TraceId const& trace) const {
  if (ratio >= 1) return true;
  // The last eight bytes: those that every generator fills at random.
  static_assert(std::endian::native == std::endian::little, "they are a number with its highest byte first");
  std::uint64_t number = 0;
  std::memcpy(&number, trace.data() + 8, 8);
  number = __builtin_bswap64(number);
  return static_cast<double>(number >> 11U) * 0x1.0p-53 < ratio;
}

Read read_settings(Environment const& environment, std::string const& program) {
  Read read;
  Reader reader(environment, read);
  if (!reader.wanted()) return read;
  Settings settings;
  if (!reader.endpoint(settings)) return read;
  reader.headers(settings);
  reader.resource(settings, program);
  reader.sampler(settings);
  reader.limits(settings);
  read.settings = std::move(settings);
  return read;
}

}  // namespace app::tracing
