#pragma once

#include <string>
#include <vector>

#include "producer/manifest.hpp"

namespace producer {

// What an audit of `run` expects: the manifests at `paths`, or, where none are named, runs/RUN.json or those
// of the run's instances, runs/RUN.I.json. At least one, each of another share of as many; those of the same
// run that was sent by one program are put together. invalid: a sentence for the user.
base::Result<std::vector<Manifest>> load_expected(std::string const& run, std::vector<std::string> paths);

// The instances of whom there is no manifest: "2, 5 of 8"; empty where all are there.
std::string absent_instances(std::vector<Manifest> const& manifests);

}  // namespace producer
