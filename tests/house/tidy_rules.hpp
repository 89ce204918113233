#pragma once

#include "tests/house/source_tree.hpp"

#include <string_view>
#include <vector>

namespace house {

/// Waiting for the wall clock: `std::this_thread::sleep_for` and its kin.
std::vector<Violation> check_no_sleep(std::string_view path, std::string_view text);

/// Uses of `co_await` that GCC 12 miscompiles or that come close to it: inside the condition of an `if`,
/// `while` or `switch`; with braces beside it that are more than options of plain values; inside the braces
/// that build a value; in an arm of `?:`.
std::vector<Violation> check_co_await(std::string_view path, std::string_view text);

/// Notes that something is unfinished.
std::vector<Violation> check_no_notes(std::string_view path, std::string_view text);

/// Every call of `what()`: an exception of the host's may answer with anything, such as a null pointer.
std::vector<Violation> check_no_what(std::string_view path, std::string_view text);

/// Condition variables, on which a thread may wait for ever, and locks that are shared: a thread that holds
/// one and calls code of the host may come to take it again, behind another that waits for it alone.
std::vector<Violation> check_no_waiting_for_ever(std::string_view path, std::string_view text);

/// More lines than `lines_max`.
std::vector<Violation> check_length(std::string_view path, std::string_view text, int lines_max);

/// The content of the first fenced C++ block of a Markdown page; empty when there is none.
std::string_view first_cpp_block(std::string_view markdown);

}  // namespace house
