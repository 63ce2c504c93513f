#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/client.hpp"

namespace http {

// Writes each attempt at debug (operation, method, host, status, time) and headers at trace, with every
// secret replaced by ***. Bodies are never written.
class Logging final : public Client {
 public:
  Logging(Client& inner, base::Clock& clock, base::Log& log);
  Task<Response> send(Request& request) override;

 private:
  Task<Response> logged(Request& request);

  Client& inner_;
  base::Clock& clock_;
  base::Log& log_;
};

// The target with the values of secret-bearing query parameters (sig, popreceipt, X-Amz-Signature, …) as ***.
std::string redact_target(std::string_view target);
// The value to show for a header: *** for credentials, tokens and receipts.
std::string_view redact_header(std::string_view name, std::string_view value);

}  // namespace http
