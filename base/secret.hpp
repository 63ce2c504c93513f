#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace base {

// A string that must not be seen: prints as ***, is wiped when it dies, and is read only by reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(Secret const&) = default;
  Secret& operator=(Secret const& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::string const& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(Secret const&, Secret const&) = default;
  friend std::ostream& operator<<(std::ostream& out, Secret const&) { return out << "***"; }

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace base
