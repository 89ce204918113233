#include "storage/sqlite/file_bytes.hpp"

#include <cairn/error.hpp>

namespace cairn::sqlite {

std::uint64_t big_endian(Bytes bytes) {
  std::uint64_t number = 0;
  for (const std::byte byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big_endian(bytes.subspan(at, 4)));
}

void read_bytes(const os::Descriptor& file, const std::filesystem::path& name, std::uint64_t at,
                std::span<std::byte> bytes) {
  if (os::read_at(file, at, bytes)) return;
  throw Error{Errc::store_failed, name.string() + " cannot be read: " + os::why().message()};
}

}  // namespace cairn::sqlite
