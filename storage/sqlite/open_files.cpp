#include "storage/sqlite/open_files.hpp"

namespace cairn::sqlite {

OpenFiles& OpenFiles::of_this_process() {
  static OpenFiles files;
  return files;
}

}  // namespace cairn::sqlite
