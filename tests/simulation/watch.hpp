#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "simulation/world.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace simulation {

// What one consumer knows of its leases, noted at the border between the consumer and its stores.
class Watch {
 public:
  Watch(World& world, base::Clock& clock, int process) : world_(world), clock_(clock), process_(process) {}

  // How many messages the consumer holds, and may hold.
  void bound(std::function<std::size_t()> held, std::uint64_t most) {
    held_ = std::move(held);
    most_ = most;
  }
  // Whether nothing has ever gone wrong for this process, so that its leases must not run out.
  void excuse(std::function<bool()> undisturbed) { undisturbed_ = std::move(undisturbed); }
  void count_held();  // before what it does with its stores
  void received(storage::Message const& message);
  // After extend(): what came of each.
  void extended(std::string const& old_receipt, storage::Message const& message, base::Error const* error);
  void giving_back(std::string const& receipt);  // before release()
  void removing(std::string const& receipt);     // before remove()
  void removal_failed(std::string const& receipt, base::Error const& error);
  // Before a row is written: the lease must not be known to be lost or over.
  void writing(storage::Entity const& row);
  // The consumer has ended in good order: it must not sit on what it could have handed back.
  void check_end();

 private:
  using Key = std::pair<std::string, int>;  // id and receive count
  struct Delivery {
    base::Steady lease_until;
    bool lost = false;
    bool settled = false;
  };
  Delivery* by_receipt(std::string const& receipt);

  World& world_;
  base::Clock& clock_;
  int process_;
  std::function<std::size_t()> held_;
  std::uint64_t most_ = 0;
  std::function<bool()> undisturbed_;
  std::map<Key, Delivery> deliveries_;
  std::map<std::string, Key> receipts_;
};

std::unique_ptr<storage::Queue> watched(std::unique_ptr<storage::Queue> queue, Watch& watch);
std::unique_ptr<storage::Table> watched(std::unique_ptr<storage::Table> table, Watch& watch);

}  // namespace simulation
