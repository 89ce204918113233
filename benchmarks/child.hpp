#pragma once

#include <map>
#include <string>
#include <vector>

// Parts of a benchmark that need a process of their own: its memory is measured, or it is killed.
namespace cairn::benchmarks {

// Figures by name.
using Figures = std::map<std::string, double>;

// Runs this program again with these arguments, and gives the figures that it told. Throws
// `std::runtime_error` when it fails. Its standard error is this one's.
Figures run_again(std::vector<std::string> arguments);

// For the child: tells its parent a figure. Standard output carries nothing else.
void tell(const char* name, double value);

}  // namespace cairn::benchmarks
