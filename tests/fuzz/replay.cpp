// Gives every file of a target's corpus to it, without libFuzzer: what was once found stays found.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.hpp"

namespace {

std::string content(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int replay(fuzz::Named const& target, std::filesystem::path const& folder) {
  if (!std::filesystem::is_directory(folder)) {
    std::cerr << "there is no corpus " << folder << std::endl;
    return 1;
  }
  int files = 0;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    // Named before it runs: a crash says whose it was.
    std::cout << target.name << ' ' << entry.path().filename().string() << std::endl;
    auto const input = content(entry.path());
    // Also what is cut off anywhere near its end, as a broken connection leaves it.
    for (std::size_t cut = 0; cut < std::min<std::size_t>(input.size(), 64); ++cut)
      target.run(std::string_view(input).substr(0, input.size() - cut));
    ++files;
  }
  target.run({});
  if (files == 0) std::cerr << "the corpus " << folder << " is empty" << std::endl;
  return files == 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const words(argv + 1, argv + argc);
  if (words.size() == 2)
    for (auto const& target : fuzz::targets)
      if (target.name == words[0]) return replay(target, words[1]);
  std::cerr << "Usage: fuzz_replay TARGET FOLDER\n\nTargets:";
  for (auto const& target : fuzz::targets) std::cerr << ' ' << target.name;
  std::cerr << std::endl;
  return 2;
}
