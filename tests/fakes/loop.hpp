#pragma once

#include <memory>

#include "app/loops.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "fakes/store.hpp"
#include "fakes/timeline.hpp"

namespace fakes {

// A program's event loop on simulated time, with a cloud in memory under memory:NAME.
struct Loop {
  Loop() {
    auto clock = std::make_unique<Timeline>();
    timeline = clock.get();
    loop = std::make_unique<app::Loop>(std::move(clock), std::make_unique<base::SeededRandom>(1), log);
    auto made = std::make_unique<Cloud>(loop->clock());
    cloud = made.get();
    std::vector<std::unique_ptr<storage::Cloud>> clouds;
    clouds.push_back(std::move(made));
    loop->use(nullptr, std::make_unique<storage::Stores>(std::move(clouds)));
  }
  std::unique_ptr<storage::Queue> queue(std::string const& name) {
    return *loop->stores().queue("memory:" + name, storage::Encoding::automatic);
  }
  std::unique_ptr<storage::Table> table(std::string const& name) {
    return *loop->stores().table("memory:" + name);
  }

  base::NoLog log;
  Timeline* timeline = nullptr;
  Cloud* cloud = nullptr;
  std::unique_ptr<app::Loop> loop;
};

}  // namespace fakes
