#include "cli/commands.hpp"

#include <cairn/error.hpp>
#include <cairn/version.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <utility>

namespace cairn::cli {
namespace {

enum ExitStatus { done = 0, failed = 1, refused_for_now = 2, usage = 64 };

constexpr const char* description = "Looks after cairn files: durable workflows in one SQLite file.";

constexpr const char* exit_statuses =
    "Exit status:\n"
    "  0   done\n"
    "  1   failed: no such file, no cairn file, not readable, disk full, …; or `check` found violations\n"
    "  2   refused for now: an engine owns the file, or the clock is in doubt\n"
    "  64  the command line makes no sense\n";

// What a command prints, and whether its answer is the good one.
struct Answer {
  std::string text;
  bool good = true;
};

// What the command line asks for.
using Command = std::function<Answer()>;

// A number from `least` to `most`; the description says which.
CLI::Validator range(std::size_t least, std::size_t most) {
  return CLI::Range(least, most).description("");
}

void add_list(CLI::App& app, Command& command, ListOptions& options) {
  CLI::App* list = app.add_subcommand("list", "lists instances, newest first");
  list->footer("Works while an engine owns FILE, and changes nothing.\n\n" + std::string{exit_statuses});
  list->add_option("FILE", options.file, "the cairn file")->required()->type_name("");
  list->add_option("--workflow", options.workflow, "only those of this workflow")->type_name("NAME");
  list->add_option_function<std::string>(
          "--status",
          [&options](const std::string& word) {
            options.status = parse_status(word);
            if (!options.status) {
              throw CLI::ValidationError(
                  "--status",
                  "must be queued, running, waiting, paused, waitingForPause, complete, errored or "
                  "terminated; got \"" +
                      word.substr(0, 64) + "\"");
            }
          },
          "only those that are queued, running, waiting, …")
      ->type_name("STATUS");
  list->add_option("--limit", options.limit, "at most so many, 1 to 100000 (25)")
      ->check(range(1, 100'000))
      ->type_name("N");
  list->add_flag("--json", options.as_json, "JSON instead of columns");
  list->callback([&] { command = [&options] { return Answer{cli::list(options)}; }; });
}

void add_sweep(CLI::App& app, Command& command, SweepOptions& options) {
  CLI::App* sweep = app.add_subcommand("sweep", "deletes instances whose retention is over");
  sweep->footer("Owns FILE meanwhile. While an engine owns it, that sweeps by itself.\n\n" +
                std::string{exit_statuses});
  sweep->add_option("FILE", options.file, "the cairn file")->required()->type_name("");
  sweep->add_flag("--confirm-clock", options.confirm_clock,
                  "the clock is right, far as it stands from FILE's");
  sweep->add_flag("--json", options.as_json, "JSON instead of a sentence");
  sweep->callback([&] { command = [&options] { return Answer{cli::sweep(options)}; }; });
}

void add_confirm_clock(CLI::App& app, Command& command, ConfirmClockOptions& options) {
  CLI::App* confirm = app.add_subcommand("confirm-clock", "says that this machine's clock is right");
  confirm->footer(
      "Owns FILE meanwhile. For a file whose engine suspects the clock, as after it has stood in the past. "
      "While an engine owns it, that is told over HTTP: PATCH /accounts/ID/clock.\n\n" +
      std::string{exit_statuses});
  confirm->add_option("FILE", options.file, "the cairn file")->required()->type_name("");
  confirm->callback([&] { command = [&options] { return Answer{cli::confirm_clock(options)}; }; });
}

void add_check(CLI::App& app, Command& command, CheckCommandOptions& options) {
  CLI::App* check = app.add_subcommand("check", "checks whether a file is whole and complete");
  check->footer("Works while an engine owns FILE, and changes nothing. Reads every page.\n\n" +
                std::string{exit_statuses});
  check->add_option("FILE", options.file, "the cairn file")->required()->type_name("");
  check->add_flag("--json", options.as_json, "JSON instead of lines");
  check->callback([&] {
    command = [&options] {
      Checked checked = cli::check(options);
      return Answer{std::move(checked.text), checked.sound};
    };
  });
}

void add_bench(CLI::App& app, Command& command, BenchOptions& options) {
  CLI::App* bench = app.add_subcommand("bench", "measures how fast this machine creates instances");
  bench->footer("In turns with a plain SQLite loop, for comparison.\n\n" + std::string{exit_statuses});
  bench->add_option("--rows", options.rows, "sizes of batches, 1 to 100000, with commas between")
      ->check(range(1, 100'000))
      ->delimiter(',')
      ->type_name("N");
  bench->add_option("--params", options.params_bytes, "bytes of JSON an instance, 2 to 65536 (100)")
      ->check(range(2, 65'536))
      ->type_name("BYTES");
  bench->add_option("--directory", options.directory, "on the disk in question (.)")
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR");
  bench->callback([&] { command = [&options] { return Answer{cli::bench(options)}; }; });
}

int fail(ExitStatus status, const char* message) {
  std::fprintf(stderr, "cairn: %s\n", message);
  return status;
}

int print(const std::string& text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                          std::fflush(stdout) == 0;
  return is_written ? done : fail(failed, "cannot write to standard output");
}

int carry_out(const Command& command) {
  try {
    const Answer answer = command();
    const int printed = print(answer.text);
    return printed == done && !answer.good ? failed : printed;
  } catch (const Error& error) {
    const bool for_now = error.code() == Errc::file_is_owned || error.code() == Errc::clock_unconfirmed;
    return fail(for_now ? refused_for_now : failed, error.what());
  } catch (const std::exception& error) {
    return fail(failed, error.what());
  }
}

int run(int argc, const char* const* argv) {
  CLI::App app{description, "cairn"};
  app.footer(exit_statuses);
  app.set_version_flag("--version", "cairn " + std::string{version()});
  app.require_subcommand(0, 1);  // what else stands there is named
  app.get_formatter()->column_width(24);
  Command command;
  ListOptions list_options;
  SweepOptions sweep_options;
  ConfirmClockOptions confirm_clock_options;
  CheckCommandOptions check_options;
  BenchOptions bench_options;
  add_list(app, command, list_options);
  add_sweep(app, command, sweep_options);
  add_confirm_clock(app, command, confirm_clock_options);
  add_check(app, command, check_options);
  add_bench(app, command, bench_options);
  try {
    app.parse(argc, argv);
    if (!command) throw CLI::RequiredError("list, sweep, confirm-clock, check or bench");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    fail(usage, error.what());
    std::fputs("cairn --help says what there is\n", stderr);
    return usage;
  }
  return carry_out(command);
}

}  // namespace
}  // namespace cairn::cli

int main(int argc, char** argv) {
  try {
    return cairn::cli::run(argc, argv);
  } catch (const std::exception& error) {
    return cairn::cli::fail(cairn::cli::failed, error.what());
  }
}
