// The file that --config names.
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "app/options.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

namespace {

// The input as a file that has a path and lies on no disk.
class File {
 public:
  explicit File(std::string_view text) : fd_(::memfd_create("config.toml", MFD_CLOEXEC)) {
    fuzz::must(fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
               "the input can be written to a file");
  }
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  ~File() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace

void fuzz::config_toml(std::string_view input) {
  std::string text = "default", config;
  std::vector<std::string> texts;
  std::uint64_t whole = 5;
  double decimal = 0;
  std::chrono::microseconds duration{0};
  bool flag = false;
  std::vector<app::Command> commands;
  commands.emplace_back("consumer", "run", "Runs.");
  auto& command = commands.front();
  command.text("queue", "URI", text, "The queue.");
  command.texts("manifest", "FILE", texts, "The manifests.");
  command.whole("max-receives", "N", whole, 1, 1'000, "How often.");
  command.decimal("rate", "R", decimal, "How fast.");
  command.duration("grace", "TIME", duration, "How long.");
  command.flag("drain", flag, "Whether.");
  command.text("config", "FILE", config, "The file.");

  File const file(input);
  auto const path = file.path();
  std::array<char const*, 3> const words{"consumer", "--config", path.c_str()};
  auto const parsed = app::parse("consumer", commands, static_cast<int>(words.size()), words.data(), {});
  if (!parsed) {
    must(parsed.error().code == base::Errc::invalid, "a file that can't be used is invalid");
    must(!parsed.error().message.empty(), "an error says something");
    must(parsed.error().message.find(path) != std::string::npos, "an error names the file");
    return;
  }
  must(parsed->command == &command, "the command is run");
  must(!text.empty(), "a text is not empty");
  must(whole >= 1 && whole <= 1'000, "a number lies within its bounds");
  must(decimal >= 0 && duration.count() >= 0, "what can't be negative is not");
}
