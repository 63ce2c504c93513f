#include "app/metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace app {

namespace {

// The fields behind the program's name, which may hold anything: man 5 proc_pid_stat, from field 3 on.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream rest(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("btime ", 0) == 0) return std::stod(line.substr(6));
  return 0;
}

double seconds(timeval const& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void tell_process(Sheet& sheet) {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    sheet.add("process_cpu_seconds_total", {}, seconds(used.ru_utime) + seconds(used.ru_stime));
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    sheet.add("process_max_fds", {}, static_cast<double>(files.rlim_cur));
  std::error_code error;
  double open = -1;  // the one that looks
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error))
    ++open;
  if (!error) sheet.add("process_open_fds", {}, open);
  auto const fields = stat_fields();
  if (fields.size() < 22) return;
  auto const ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  sheet.add("process_start_time_seconds", {}, boot_time() + std::stod(fields[19]) / ticks);
  sheet.add("process_resident_memory_bytes", {},
            std::stod(fields[21]) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace app
