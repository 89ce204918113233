#include "tests/scarce_threads.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <climits>

namespace cairn::testing {

std::atomic<int> threads_left = INT_MAX;

}  // namespace cairn::testing

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*),
                              void* argument) {
  if (cairn::testing::threads_left.fetch_sub(1) <= 0) return EAGAIN;
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, attributes, work, argument);
}
