// Counts what a program allocates, for bench/run: put before it by LD_PRELOAD, it writes the number of calls
// to the file that COUNT_ALLOCATIONS names when the program ends. mimalloc's operator new does not come by
// malloc, so that it is counted as well; its malloc also goes by libc's inner names.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

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

namespace {

void* taken(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const place = __libc_malloc(size);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

void* taken(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  auto const step = static_cast<std::size_t>(alignment);
  void* const place = std::aligned_alloc(step, (size + step - 1) / step * step);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

}  // namespace

void* operator new(std::size_t size) { return taken(size); }
void* operator new[](std::size_t size) { return taken(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return taken(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return taken(size, alignment); }
