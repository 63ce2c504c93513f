#include "producer/expected.hpp"

#include <algorithm>
#include <filesystem>

#include "base/encoding.hpp"

namespace producer {

using base::Errc;
using base::Error;
using base::Result;

namespace {

namespace fs = std::filesystem;

// runs/RUN.I.json; a run of that very name may have one there too.
std::vector<std::string> of_instances(std::string const& run) {
  std::vector<std::string> found;
  std::error_code ignored;  // no folder, no manifests: the caller says which is missing
  std::string const begin = run + '.';
  for (fs::directory_iterator entry("runs", ignored), end; entry != end; entry.increment(ignored)) {
    auto const name = entry->path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(".json")) continue;
    if (!base::parse_u64(name.substr(begin.size(), name.size() - begin.size() - 5))) continue;
    auto const manifest = Manifest::load(entry->path());
    if (!manifest || manifest->run == run) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void put_together(Manifest& whole, Manifest const& part) {
  whole.last = std::max(whole.last, part.last);
  for (auto const& [first, last] : part.acknowledged.ranges()) whole.acknowledged.insert(first, last);
  for (auto const& [first, last] : part.failed.ranges()) whole.failed.insert(first, last);
  for (auto const& stride : part.poison) whole.poison.push_back(stride);
}

}  // namespace

Result<std::vector<Manifest>> load_expected(std::string const& run, std::vector<std::string> paths) {
  bool const searched = paths.empty();
  if (searched) {
    std::string const usual = "runs/" + run + ".json";
    if (!fs::exists(usual)) paths = of_instances(run);
    if (paths.empty()) paths.push_back(usual);
  }
  std::vector<Manifest> all;
  for (auto const& path : paths) {
    auto part = Manifest::load(path);
    if (!part)
      return Error(Errc::invalid,
                   part.error().message +
                       (searched ? "; give --manifest FILE, or --count N if messages 1 to N were sent" : ""));
    if (part->run != run)
      return Error(Errc::invalid, path + " is the manifest of run " + part->run + ", not of run " + run);
    if (!all.empty() && all.front().share.instances != part->share.instances)
      return Error(Errc::invalid, path + " is of one of " + std::to_string(part->share.instances) +
                                      " instances, and another manifest of one of " +
                                      std::to_string(all.front().share.instances) +
                                      ": they do not belong together");
    auto const same = std::find_if(all.begin(), all.end(),
                                   [&](Manifest const& other) { return other.share == part->share; });
    if (same == all.end())
      all.push_back(std::move(*part));
    else if (part->share.instances == 1)
      put_together(*same, *part);
    else
      return Error(Errc::invalid, path + " is of instance " + std::to_string(part->share.remainder) +
                                      ", as another manifest is: give one for each instance");
  }
  return all;
}

std::string absent_instances(std::vector<Manifest> const& manifests) {
  auto const instances = manifests.front().share.instances;
  std::vector<bool> there(instances);
  for (auto const& manifest : manifests) there[manifest.share.remainder] = true;
  std::string text;
  for (std::size_t i = 0; i < instances && text.size() < 100; ++i)
    if (!there[i]) text += (text.empty() ? "" : ", ") + std::to_string(i);
  return text.empty() ? text : text + " of " + std::to_string(instances);
}

}  // namespace producer
