#include "http/curl/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "http/origin.hpp"

namespace http::curl {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes lasting{1};

Address v4(in_addr const& bytes) {
  Address made;
  auto& address = reinterpret_cast<sockaddr_in&>(made.bytes);
  address.sin_family = AF_INET;
  address.sin_addr = bytes;
  made.length = sizeof address;
  return made;
}

Address v6(in6_addr const& bytes, std::uint32_t scope) {
  Address made;
  auto& address = reinterpret_cast<sockaddr_in6&>(made.bytes);
  address.sin6_family = AF_INET6;
  address.sin6_addr = bytes;
  address.sin6_scope_id = scope;
  made.length = sizeof address;
  return made;
}

// An address that stands for itself.
std::optional<Address> literal(std::string host) {
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (auto const zone = host.find("%25"); zone != std::string::npos) host.erase(zone + 1, 2);  // RFC 6874
  boost::system::error_code error;
  auto const address = asio::ip::make_address(host, error);
  if (error) return std::nullopt;
  if (address.is_v4()) {
    auto const bytes = address.to_v4().to_bytes();
    in_addr raw{};
    std::memcpy(&raw, bytes.data(), bytes.size());
    return v4(raw);
  }
  auto const bytes = address.to_v6().to_bytes();
  in6_addr raw{};
  std::memcpy(&raw, bytes.data(), bytes.size());
  return v6(raw, static_cast<std::uint32_t>(address.to_v6().scope_id()));
}

// Never asked for: a resolver may not know the names below it.
Found localhost() {
  in_addr const loopback{htonl(INADDR_LOOPBACK)};
  return {{v6(in6addr_loopback, 0), v4(loopback)}, ""};
}

// Blocks.
Found ask_system(std::string const& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  int const code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return {{}, code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code)};
  std::vector<Address> addresses;
  for (auto const* each = list; each != nullptr; each = each->ai_next) {
    if ((each->ai_family != AF_INET && each->ai_family != AF_INET6) ||
        each->ai_addrlen > sizeof(sockaddr_storage))
      continue;
    Address address;
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  if (addresses.empty()) return {{}, "it has no address"};
  return {families_in_turn(addresses), ""};
}

}  // namespace

std::vector<Address> families_in_turn(std::vector<Address> const& addresses) {
  std::vector<Address> turns;
  std::vector<Address> other;
  for (auto const& address : addresses)
    (address.family() == addresses.front().family() ? turns : other).push_back(address);
  for (std::size_t i = 0; i < other.size(); ++i)
    turns.insert(turns.begin() + static_cast<std::ptrdiff_t>(std::min(2 * i + 1, turns.size())), other[i]);
  return turns;
}

void Address::set_port(std::uint16_t port) {
  if (family() == AF_INET)
    reinterpret_cast<sockaddr_in&>(bytes).sin_port = htons(port);
  else
    reinterpret_cast<sockaddr_in6&>(bytes).sin6_port = htons(port);
}

// A name that is being asked for. The thread that asks must neither keep us nor be waited for.
struct Resolver::Asked {
  explicit Asked(asio::any_io_executor const& executor)
      : work(asio::prefer(executor, asio::execution::outstanding_work.tracked)) {}

  std::vector<Done> waiting;  // the loop's own
  std::mutex mutex;
  std::optional<asio::any_io_executor> work;  // keeps the loop running; none once nobody waits any more
};

Resolver::Resolver(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Resolver::~Resolver() { close(); }

void Resolver::find(std::string const& host, Done done) {
  auto const at_once = [&](Found found) {
    asio::post(executor_, [weak = weak_from_this(), done = std::move(done), found = std::move(found)] {
      if (weak.lock()) done(found);
    });
  };
  if (auto const address = literal(host)) {
    at_once({{*address}, ""});
    return;
  }
  if (is_localhost(host)) {
    at_once(localhost());
    return;
  }
  if (auto const known = known_.find(host); known != known_.end()) {
    if (std::chrono::steady_clock::now() < known->second.until) {
      at_once(known->second.found);
      return;
    }
    known_.erase(known);
  }
  if (auto const asked = asked_.find(host); asked != asked_.end()) {
    asked->second->waiting.push_back(std::move(done));
    return;
  }
  auto const asked = std::make_shared<Asked>(executor_);
  try {
    ask(host, asked);
  } catch (std::system_error const& error) {
    at_once({{}, std::string("no thread to ask for it: ") + error.what()});
    return;
  }
  asked->waiting.push_back(std::move(done));
  asked_.emplace(host, asked);
}

void Resolver::ask(std::string const& host, std::shared_ptr<Asked> const& asked) {
  std::thread([host, asked, weak = weak_from_this()] {
    auto found = ask_system(host);
    std::lock_guard const lock(asked->mutex);
    if (!asked->work) return;
    asio::post(*asked->work, [host, weak, found = std::move(found)] {
      if (auto const self = weak.lock()) self->answered(host, found);
    });
    asked->work.reset();
  }).detach();
}

void Resolver::answered(std::string const& host, Found const& found) {
  auto const asked = asked_.extract(host);
  if (asked.empty()) return;
  if (!found.addresses.empty()) known_[host] = {found, std::chrono::steady_clock::now() + lasting};
  for (auto const& done : asked.mapped()->waiting) done(found);
}

void Resolver::close() noexcept {
  for (auto const& [host, asked] : asked_) {
    asked->waiting.clear();
    std::lock_guard const lock(asked->mutex);
    asked->work.reset();
  }
  asked_.clear();
}

}  // namespace http::curl
