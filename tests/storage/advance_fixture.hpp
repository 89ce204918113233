#pragma once

#include "tests/storage/store_fixture.hpp"

namespace cairn::testing {

// What the tests of `Advance` share.

class AdvanceTest : public StoreTest {
 protected:
  // An instance with one step in flight that is then brought into `status`.
  Key with_open_step(Status status) {
    const Key key = create_in(Status::running, "s" + std::to_string(static_cast<int>(status)));
    start_step(key, 1);
    switch (status) {
      case Status::queued:
        leave(key, Cause::wait);
        leave(key, Cause::requeue);
        break;
      case Status::running:
        break;
      case Status::paused:
        control(key, Command::pause, true);
        break;
      case Status::errored:
        leave(key, Cause::fail);
        break;
      case Status::terminated:
        control(key, Command::terminate);
        break;
      case Status::complete:
        leave(key, Cause::complete);
        break;
      case Status::waiting_for_pause:
        control(key, Command::pause, false);
        break;
      default:
        leave(key, Cause::wait);
        break;
    }
    EXPECT_EQ(row(key).status, status);
    return key;
  }
};

}  // namespace cairn::testing
