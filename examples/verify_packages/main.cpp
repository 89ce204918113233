#include "audit.hpp"
#include "options.hpp"
#include "progress.hpp"

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>

namespace verify {
namespace {

using namespace std::chrono_literals;

sem_t stop_requested;  // of all ways to wake a thread, sem_post is the one that a signal handler may use

extern "C" void request_stop(int) {
  ::sem_post(&stop_requested);
}

bool stop_within(std::chrono::seconds patience) {
  timespec until{};
  ::clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += patience.count();
  while (::sem_timedwait(&stop_requested, &until) != 0) {
    if (errno == ETIMEDOUT) return false;
  }
  return true;
}

void sweep_what_is_due(cairn::Engine& engine) {
  try {
    engine.sweep();
  } catch (const cairn::Error& error) {
    std::cerr << "verify_packages: nothing was swept: " << error.what() << '\n';
  }
}

// Keeps the API open, and goes on to sweep, now that the report is out.
void serve_until_stopped(Auditor& auditor) {
  ::sem_init(&stop_requested, 0, 0);
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::cerr << "The API stays open until SIGINT or SIGTERM.\n";
  while (!stop_within(60s)) sweep_what_is_due(auditor.engine());
}

std::unique_ptr<cairn::HttpServer> open_api(Auditor& auditor, std::uint16_t port) {
  auto server = std::make_unique<cairn::HttpServer>(auditor.engine(),
                                                    cairn::HttpOptions{.address = "127.0.0.1", .port = port});
  server->start();
  std::cerr << "The API is open at http://127.0.0.1:" << server->port() << "\n";
  return server;
}

AuditRequest go_on_or_begin(Auditor& auditor, AuditRequest wanted) {
  const std::optional<AuditRequest> unfinished = auditor.unfinished();
  if (!unfinished) return auditor.begin(std::move(wanted));
  wanted.audit = unfinished->audit;
  std::cerr << "Going on with audit " << unfinished->audit << ", which was cut off"
            << (wanted == *unfinished ? ".\n" : "; its own options count, not those given now.\n");
  return *unfinished;
}

// Standard output, or the file that is to take the whole report.
class ReportOutput {
 public:
  explicit ReportOutput(const std::filesystem::path& file) {
    if (file.empty()) return;
    file_.open(file, std::ios::app);
    if (!file_) throw std::runtime_error{"--report: " + file.string() + " cannot be written"};
  }
  std::ostream& stream() { return file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout; }

 private:
  std::ofstream file_;
};

void print_what_fits_on_a_screen(const Summary& summary, const Options& options) {
  std::cout << to_text(summary, options.times, shown_on_a_screen) << "The whole report is in "
            << options.report.string() << std::endl;
}

int run(const Options& options) {
  cairn::EngineOptions engine_options;
  engine_options.workers = std::max(2U, std::thread::hardware_concurrency());
  ReportOutput report{options.report};
  Auditor auditor{cairn::open_sqlite(options.file), std::move(engine_options), report.stream(),
                  options.times};
  std::unique_ptr<cairn::HttpServer> api;
  if (options.serve) api = open_api(auditor, *options.serve);

  const AuditRequest request = go_on_or_begin(auditor, options.request);
  auditor.engine().start();
  Progress progress;
  const Summary summary = auditor.run(request,
                                      [&](std::size_t done, std::size_t total, const std::string& package) {
                                        progress.show(done, total, package);
                                        if (done == total) progress.clear();
                                      });
  if (!options.report.empty()) print_what_fits_on_a_screen(summary, options);

  if (api) {
    serve_until_stopped(auditor);
    api->stop();
  }
  auditor.engine().stop(10s);
  return exit_status(summary);
}

}  // namespace
}  // namespace verify

int main(int argc, char** argv) {
  const std::variant<verify::Options, int> read = verify::read_options(argc, argv);
  if (const int* status = std::get_if<int>(&read)) return *status;
  try {
    return verify::run(std::get<verify::Options>(read));
  } catch (const std::exception& error) {
    std::cerr << "verify_packages: " << error.what() << '\n';
    return verify::exit_failure;
  }
}
