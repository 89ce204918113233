// A program of its own, in which threads can be refused.

#include "tests/engine/engine_fixture.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <climits>

namespace {

std::atomic<int> threads_left = INT_MAX;

}  // namespace

// Stands before the one of the C library.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*),
                              void* argument) {
  if (threads_left.fetch_sub(1) <= 0) return EAGAIN;
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, attributes, work, argument);
}

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ThreadTest = EngineTest;

TEST_F(ThreadTest, AStartWithoutThreadsIsRefusedAndMayBeTriedAgain) {
  constexpr int needed = 4;  // two workers, one that calls the host, and one that keeps the time
  for (int made = 0; made < needed; ++made) {
    Engine engine{open_memory(), options(2)};
    auto workflow = engine.define("twice", twice);
    const auto before = workflow.create({.params = 1});
    threads_left = made;
    const auto [code, message] = refusal([&] { engine.start(); });
    threads_left = INT_MAX;
    EXPECT_EQ(code, Errc::internal) << made;
    EXPECT_THAT(message, HasSubstr("threads cannot be started"));
    EXPECT_EQ(workflow.create({.params = 2}).status(), Status::queued);
    if (made == 0) continue;  // ends as it is
    engine.start();
    EXPECT_EQ(before.wait(), 2);
    EXPECT_TRUE(engine.stop(1min));
  }
}

}  // namespace
}  // namespace cairn::tests
