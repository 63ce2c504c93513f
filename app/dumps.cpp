#include "app/dumps.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace app {

void forbid_core_images() {
  // Before the prctl, after which only root may open it.
  int const filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
  if (filter >= 0) {
    [[maybe_unused]] auto const written = write(filter, "0\n", 2);
    close(filter);
  }
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace app
