// Memory for a program of one thread that makes and drops millions of small things: lists of freed blocks by
// size. A seventh of a schedule's time went to malloc. Left out under sanitizers, which watch malloc.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t unit = 16;
constexpr std::size_t classes = 128;  // up to 2 KiB, the head included
constexpr std::size_t chunk = std::size_t{1} << 18;

struct alignas(unit) Head {
  std::size_t size_class;  // 0: malloc's
};
struct Free {
  Free* next;
};

thread_local Free* freed[classes];
thread_local char* fresh = nullptr;
thread_local std::size_t left = 0;

void* allocate(std::size_t bytes) noexcept {
  std::size_t const size_class = (bytes + sizeof(Head) + unit - 1) / unit;
  if (size_class >= classes) {
    auto* const head = static_cast<Head*>(std::malloc(bytes + sizeof(Head)));
    if (!head) return nullptr;
    head->size_class = 0;
    return head + 1;
  }
  if (auto* const found = freed[size_class]) {
    freed[size_class] = found->next;
    return found;
  }
  std::size_t const size = size_class * unit;
  if (left < size) {
    fresh = static_cast<char*>(std::malloc(chunk));  // what is left of the old one is lost: never much
    if (!fresh) return nullptr;
    left = chunk;
  }
  auto* const head = reinterpret_cast<Head*>(fresh);
  fresh += size;
  left -= size;
  head->size_class = size_class;
  return head + 1;
}

void give_back(void* memory) noexcept {
  if (!memory) return;
  auto* const head = static_cast<Head*>(memory) - 1;
  if (head->size_class == 0) return std::free(head);
  auto* const block = static_cast<Free*>(memory);
  block->next = freed[head->size_class];
  freed[head->size_class] = block;
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (auto* const memory = allocate(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new(std::size_t bytes, std::nothrow_t const&) noexcept { return allocate(bytes); }
void* operator new[](std::size_t bytes, std::nothrow_t const&) noexcept { return allocate(bytes); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::nothrow_t const&) noexcept { give_back(memory); }
void operator delete[](void* memory, std::nothrow_t const&) noexcept { give_back(memory); }
#endif
