#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

// What every backend has to supply so that the suite can try it.
namespace conformance {

// Where backends may differ without breaking a promise.
struct Traits {
  bool always_creates = false;  // open() makes what is absent even without `create`
  bool refuses_stale = true;    // a receipt is void once another holds the message; false: the service may
                                // still honour it, or say "done" and do nothing
};

// One backend on one event loop, made anew for each test.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Traits traits() const { return {}; }
  // Not opened yet. The same name gives the same queue. `name` has at most 24 lower-case letters and digits
  // and begins with a letter; the backend adds what its service demands, such as ".fifo".
  virtual std::unique_ptr<storage::Queue> queue(std::string const& name) = 0;
  virtual std::unique_ptr<storage::Table> table(std::string const& name) = 0;
};

// A way to configure a backend, e.g. "Standard" and "Fifo". `make` runs when a test begins, and throws a
// std::runtime_error that says how to start what it lacks.
struct Case {
  std::string name;  // letters and digits
  std::function<std::unique_ptr<Backend>(boost::asio::io_context&)> make;
};

inline void PrintTo(Case const& value, std::ostream* out) { *out << value.name; }
inline std::string name_of(testing::TestParamInfo<Case> const& tried) { return tried.param.name; }

// Defined once by each test program: sqlite.cpp, azure.cpp, aws.cpp. Called before main, so it must not look
// at the environment; Case::make may.
std::vector<Case> cases();

// A name that no earlier run has used.
std::string fresh_name();

// Asks `condition` again and again until it holds; false when it has not within `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(20)) {
  auto const end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return true;
}

}  // namespace conformance
