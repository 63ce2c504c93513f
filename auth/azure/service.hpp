#pragma once

#include <string_view>

namespace auth::azure {

// The two storage services we speak to; they differ in host, in signature and in the form of their replies.
enum class Service { queue, table };

constexpr std::string_view to_string(Service service) {
  return service == Service::queue ? "queue" : "table";
}

// The value of x-ms-version on every request.
inline constexpr std::string_view api_version = "2025-11-05";

}  // namespace auth::azure
