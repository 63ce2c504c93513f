// Counts what a program allocates, for bench/run: put before it by LD_PRELOAD, it writes the number of calls
// to the file that COUNT_ALLOCATIONS names when the program ends. operator new comes by malloc.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);

static std::atomic<unsigned long> allocations{0};

void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}

__attribute__((destructor)) static void tell() {
  char const* const path = std::getenv("COUNT_ALLOCATIONS");
  if (path == nullptr) return;
  int const file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  dprintf(file, "%lu\n", allocations.load());
  close(file);
}
}
