#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace verify {

// The id of the instance that verifies one package in one audit: legal for cairn (1–100 characters of
// `A-Z a-z 0-9 _ -`, the first not `-`), and different for every pair of audit and package. It is to be read
// by people, not to be taken apart: the package's name stands in the instance's params.
//
//   12-coreutils                 letters, digits and `-` stand for themselves
//   12-libstdc_2b_2b6_3aamd64    libstdc++6:amd64: any other byte is `_` and two hexadecimal digits
//   12-a-very-long-na_h5d41…     more than 100 characters: cut, with `_h` and the SHA-256 of the name
//
// Why no two are equal:
//
// - The number of the audit is what stands before the first `-`, for it consists of digits only.
// - A plain id tells the name: `_` with two hexadecimal digits is one byte, everything else stands for
// itself.
// - A cut id has `_h`, and no cut falls into an escape. A plain id never has it: `h` is no hexadecimal digit.
// - Two cut ids of one audit are equal only when their names have the same SHA-256.
//
// Throws `std::invalid_argument` when `audit` is below 1 or `package` is empty.
[[nodiscard]] std::string package_instance_id(std::int64_t audit, std::string_view package);

// `audit-12`: the id of an audit, and of its report.
[[nodiscard]] std::string audit_instance_id(std::int64_t audit);

// The number in such an id; nothing when it is something else.
[[nodiscard]] std::optional<std::int64_t> audit_number(std::string_view id);

}  // namespace verify
