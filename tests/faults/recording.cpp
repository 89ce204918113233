#include "tests/faults/recording.hpp"

#include "tests/faults/small_file.hpp"
#include "tests/faults/table_dump.hpp"
#include "tests/storage/store_fixture.hpp"

#include <memory>

namespace cairn::testing {

Recording record_life(const std::function<void(World&, const std::function<std::size_t()>& mark)>& life,
                      bool in_background) {
  const Folder folder;
  CountingVfs vfs;
  DiskLog log{vfs};
  Recording recording;
  {
    World world{[&](const SqliteOptions& options) {
      return std::make_unique<sqlite::SqliteStore>(folder / recorded_file,
                                                   small_file(vfs.name(), in_background, options));
    }};
    const auto note = [&] {
      const std::int64_t group = world.store().ownership().commit_seq;
      log.acknowledge(group);
      recording.contents.try_emplace(group, dump_tables(folder / recorded_file));
    };
    note();
    world.on_durable(note);
    life(world, [&] { return log.operations().size(); });
  }
  recording.operations = log.operations();
  return recording;
}

Recording record_recovery(const Image& found) {
  const Folder folder;
  write_image(found, folder.path());
  CountingVfs vfs;
  DiskLog log{vfs};
  Recording recording;
  {
    const sqlite::SqliteStore store{folder / recorded_file, small_file(vfs.name())};
    const std::int64_t group = store.ownership().commit_seq;
    log.acknowledge(group);
    recording.contents.emplace(group, dump_tables(folder / recorded_file));
  }
  recording.operations = log.operations();
  return recording;
}

}  // namespace cairn::testing
