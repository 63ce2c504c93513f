#include "storage/azure/outcomes.hpp"

#include <algorithm>

namespace storage::azure {

Result<std::vector<Rejected>> collect(std::vector<std::optional<Error>> const& outcomes) {
  std::vector<Rejected> rejected;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) continue;
    Rejected item;
    item.index = i;
    item.error = *outcomes[i];
    rejected.push_back(std::move(item));
  }
  bool const all = !rejected.empty() && rejected.size() == outcomes.size();
  if (all && std::all_of(rejected.begin(), rejected.end(), [&](Rejected const& item) {
        return item.error.code == rejected.front().error.code &&
               (item.error.code == Errc::absent || item.error.code == Errc::denied);
      }))
    return rejected.front().error;
  return rejected;
}

}  // namespace storage::azure
