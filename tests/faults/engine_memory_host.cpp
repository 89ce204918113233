// The program without memory. Usage: engine_memory_host FOLDER K COUNT
//
// Opens an engine and asks it for everything once, while request K for memory fails and so do those that
// follow, COUNT in all. The journal says what it was told. A call that failed is made again, as often as
// there may be memory missing. How it ends is a `Fate`, or an abort.

#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/faults/failing_memory.hpp"
#include "tests/faults/memory_scene.hpp"

#include <cairn/cairn.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 8s;

void print(std::string_view line) {
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
  static_cast<void>(!::write(STDERR_FILENO, "\n", 1));
}

bool did_not_happen(Errc code) {
  return code != Errc::outcome_unknown;
}

// A call that is made again was carried out the first time.
bool has_happened(Errc code) {
  return code == Errc::instance_already_exists || code == Errc::cannot_send_event;
}

// It has ended: terminated by the call before this one, or with an error, when its workflow had no memory.
bool is_over(Errc code) {
  return code >= Errc::cannot_terminate && code <= Errc::cannot_send_event;
}

class Host {
 public:
  Host(const std::filesystem::path& folder, int tries)
      : file_{folder / "state.db"}, ledger_{folder / "ledger"}, journal_{folder / "journal"}, tries_{tries} {}

  Fate run() {
    FailingMemory::arm(true);
    bool failed = false;
    if (open()) {
      live();
      try_often("stop", [&] { stop(); });
      failed = has_failed();
      engine_.reset();
    }
    FailingMemory::arm(false);
    if (!FailingMemory::fired()) return Fate::not_reached;
    if (failed) return Fate::engine_failed;
    return told_ ? Fate::told : Fate::went_on;
  }

 private:
  // Makes a call until it returns; false when it did not. `note` is told what the caller was told.
  template <class Call, class Note>
  bool try_often(std::string_view what, Call call, Note note) {
    for (int i = 0; i < tries_; ++i) {
      try {
        call();
        note("done");
        return true;
      } catch (const Error& error) {
        if (i > 0 && has_happened(error.code())) {
          note("done");
          return true;
        }
        if (is_over(error.code())) {
          note("unknown");
          return false;
        }
        if (error.code() == Errc::timed_out) throw;
        note(did_not_happen(error.code()) ? "refused" : "unknown");
        complain(what, error.what());
        if (has_failed()) return false;
        if (error.code() == Errc::internal) throw;
      } catch (const std::bad_alloc&) {
        note("unknown");
        complain(what, "bad_alloc");
      }
    }
    // Once memory is there again, everything is possible again.
    if (tries_ <= 2 && !has_failed()) throw std::runtime_error("refused again, though there is memory");
    return false;
  }
  template <class Call>
  bool try_often(std::string_view what, Call call) {
    return try_often(what, call, [](std::string_view) {});
  }

  void complain(std::string_view what, std::string_view why) {
    told_ = true;
    print(what);
    print(why);
  }

  bool has_failed() const {
    const FailingMemory::Spared spared;
    for (const Complaint& complaint : engine_->health().complaints) {
      if (complaint.code == "engine_failed") return true;
    }
    return false;
  }

  bool open() {
    for (int i = 0; i < tries_ && !engine_; ++i) {
      try {
        auto store = sqlite::translated("cannot open", [&] {
          return std::make_unique<sqlite::SqliteStore>(
              file_, sqlite::FileOptions{.checkpoint_bytes = std::size_t{24} << 10, .page_bytes = 1024});
        });
        EngineOptions options{.workers = 2, .clock = quick_clock(0ms), .sweep_interval = 30s};
        options.log = [](LogLevel, std::string_view line) { print(line); };
        engine_ = std::make_unique<Engine>(std::move(store), std::move(options));
      } catch (const Error& error) {
        complain("open", error.what());
      } catch (const std::bad_alloc&) {
        complain("open", "bad_alloc");
      }
    }
    return engine_ != nullptr;
  }

  void live() {
    if (!try_often("define", [&] { workflows_.define_all(*engine_); })) return;
    if (!try_often("start", [&] { engine_->start(); })) return;
    for (std::size_t i = 0; i < memory_acts().size(); ++i) {
      done_[i] = act(i);
      if (i == memory_acts().size() / 2) look();
    }
    look();
    for (std::size_t i = 0; i < memory_acts().size(); ++i) wait_for(i);
  }

  bool act(std::size_t number) {
    const MemoryAct& act = memory_acts()[number];
    return try_often(
        act.ids.front(),
        [&] {
          journal_.append("asked", number);
          carry_out(act);
        },
        [&](std::string_view told) { journal_.append(told, number); });
  }

  void carry_out(const MemoryAct& act) {
    auto workflow = engine_->workflow(act.workflow);
    if (act.kind == MemoryAct::Kind::create) return create(workflow, act);
    const Instance<json> instance = workflow.get(act.ids.front());
    switch (act.kind) {
      case MemoryAct::Kind::create:
        return;
      case MemoryAct::Kind::send:
        return instance.send_event("go", event_of_acts);
      case MemoryAct::Kind::pause:
        return instance.pause();
      case MemoryAct::Kind::resume:
        return instance.resume();
      case MemoryAct::Kind::terminate:
        return instance.terminate();
      case MemoryAct::Kind::restart:
        return instance.restart();
    }
  }

  static void create(Workflow<json, json>& workflow, const MemoryAct& act) {
    std::vector<NewInstance<json>> batch;
    for (const std::string& id : act.ids) batch.push_back({.id = id, .params = params_of_acts});
    if (act.ids.front() == brief_instance) batch.front().retention.success = 1ms;
    if (batch.size() == 1) {
      static_cast<void>(workflow.create(batch.front()));
    } else {
      static_cast<void>(workflow.create_batch(std::move(batch)));
    }
  }

  // What only looks, or tidies up.
  void look() {
    try_often("list", [&] { static_cast<void>(engine_->workflow("ask").list({.limit = 2})); });
    try_often("describe", [&] {
      const auto instance = engine_->workflow("ask").find("ask-1");
      if (instance) static_cast<void>(instance->describe());
    });
    try_often("sweep", [&] { static_cast<void>(engine_->sweep()); });
    try_often("health", [&] { static_cast<void>(engine_->health()); });
  }

  // Who was asked for everything, with success, comes to an end.
  void wait_for(std::size_t number) {
    const MemoryAct& act = memory_acts()[number];
    if (act.kind != MemoryAct::Kind::create || !done_[number]) return;
    for (const std::string& id : act.ids) {
      bool asked = id != brief_instance;
      for (std::size_t i = 0; i < done_.size(); ++i) {
        if (memory_acts()[i].ids.front() == id && !done_[i]) asked = false;
      }
      if (asked) try_often(id, [&] { expect_end(act.workflow, id); });
    }
  }

  void expect_end(std::string_view workflow, const std::string& id) {
    try {
      const json output = engine_->workflow(workflow).get(id).wait_for(patience);
      if (output != MemoryWorkflows::expected_output(workflow)) throw std::runtime_error(id + " ended wrong");
    } catch (const InstanceError& error) {
      if (error.status() == Status::terminated && id == "ask-3") return;
      complain(id, error.what());
    }
  }

  void stop() {
    if (!engine_->stop(patience) && !has_failed()) throw std::runtime_error("did not come to rest");
  }

  const std::filesystem::path file_;
  PlainFile ledger_;
  PlainFile journal_;
  MemoryWorkflows workflows_{ledger_};
  const int tries_;
  bool told_ = false;
  std::vector<bool> done_ = std::vector<bool>(memory_acts().size());  // by act
  std::unique_ptr<Engine> engine_;
};

int run(const std::filesystem::path& folder, std::size_t k, std::size_t count) {
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  FailingMemory::take_over();
  FailingMemory::plan(k, count);
  static_cast<void>(memory_acts());
  try {
    Host host{folder, count == 1 ? 2 : 10};
    return static_cast<int>(host.run());
  } catch (const std::exception& error) {
    FailingMemory::arm(false);
    std::cerr << "engine_memory_host: " << error.what() << std::endl;
    // Threads may hang: nothing is unwound.
    ::_exit(static_cast<int>(Fate::broken));
  }
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return cairn::testing::run(words.at(0), std::stoull(words.at(1)), std::stoull(words.at(2)));
}
