#pragma once

// With which sanitizer a test is built: g++ says so by macros of its own, clang by `__has_feature`.
#if defined(__SANITIZE_ADDRESS__)
#define CAIRN_TESTS_UNDER_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define CAIRN_TESTS_UNDER_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAIRN_TESTS_UNDER_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define CAIRN_TESTS_UNDER_THREAD_SANITIZER
#endif
#endif
