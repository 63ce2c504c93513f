#pragma once

#include <cstdint>
#include <string>

#include "app/logging.hpp"
#include "app/options.hpp"
#include "storage/core/encoded.hpp"

namespace app {

enum class Output { text, json };

// The options that all commands share.
struct Common {
  std::string queue;
  std::string table;
  bool create = false;
  storage::Encoding encoding = storage::Encoding::automatic;
  std::string ca_file;
  std::uint64_t threads = 1;
  base::Level log_level = base::Level::info;
  LogFormat log_format = LogFormat::automatic;
  Output output = Output::text;
  std::string config;

  // Adds the options under their headings to `command`, which fills this object.
  void add_to(Command& command);
  // Of them only those that say what is told and how, for a command that asks no service.
  void add_words_to(Command& command);
};

// Exit codes, see docs/contract.md.
constexpr int exit_done = 0;
constexpr int exit_partly = 1;
constexpr int exit_usage = 2;

}  // namespace app
