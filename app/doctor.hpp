#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/common.hpp"
#include "app/loops.hpp"

namespace app {

// One queue or table to examine, in a program's own words.
struct Patient {
  std::string what;  // "queue", "dead letters", "table"
  std::string uri;
  std::unique_ptr<storage::Examination> examination;
  // Not examined where an examined queue moves its poison messages by itself.
  bool for_dead_letters = false;
};

// A patient with what was found.
struct Examined {
  std::string what;
  std::string uri;
  storage::Examined found;
};

// Examines one after the other on `loop`. A patient at the address of one before it fails: dead letters would
// go round.
std::vector<Examined> examine(Loops& loops, std::vector<Patient>& patients);

// Nothing failed and nothing is missing.
bool healthy(std::vector<Examined> const& examined);
// A table for people. Rows that say the same as those of a patient before are left out.
std::string findings_text(std::vector<Examined> const& examined);
// One JSON object: {"ok", "checks": [{"target", "uri", "step", "verdict", "detail", "remedy"}], "warnings":
// [{"target", "uri", "warning"}]}.
std::string findings_json(std::vector<Examined> const& examined);

// Examines, prints as --output says, and gives the exit code: 1 where something fails or is missing.
int report(Loops& loops, std::vector<Patient>& patients, Common const& common);

// What --help of both programs says of the verdicts.
std::string doctor_footer(std::string const& program);

}  // namespace app
