#include "options.hpp"

#include <cairn/cairn.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace verify {
namespace {

constexpr const char* description =
    "Verifies the files of all installed Debian packages against the checksums that dpkg keeps.\n"
    "Killed at any moment and started again with the same FILE, it goes on with the unfinished audit.";

constexpr const char* footer =
    "Exit status:\n"
    "  0  every file is as listed\n"
    "  1  files are altered\n"
    "  2  files are missing or unreadable (altered ones or not)\n"
    "  3  the command line makes no sense\n"
    "  4  the audit could not be done, or FILE not be used\n";

// Paths are recorded as JSON, and an audit may go on from another working directory: so they are absolute,
// and UTF-8.
std::string recordable(const std::filesystem::path& path, const std::string& option) {
  std::error_code problem;
  const std::filesystem::path absolute = std::filesystem::canonical(path, problem);
  if (problem) throw CLI::ValidationError(option, path.string() + ": " + problem.message());
  if (!cairn::is_utf8(absolute.native())) throw CLI::ValidationError(option, "the path is not UTF-8");
  return absolute.native();
}

std::int64_t read_keep_clean(const std::string& text) {
  try {
    const cairn::Duration kept = cairn::parse_duration(text, "--keep-clean");
    if (kept < cairn::Duration{1}) throw CLI::ValidationError("--keep-clean", "at least 1 ms");
    return kept.count();
  } catch (const cairn::Error& error) {
    throw CLI::ValidationError(error.what());
  }
}

}  // namespace

std::variant<Options, int> read_options(int argc, const char* const* argv) {
  Options options;
  std::string root = "/";
  std::vector<std::string> manifests;
  std::string keep_clean = "10 minutes";
  std::uint16_t port = 0;
  bool no_times = false;

  CLI::App app{description, "verify_packages"};
  app.footer(footer);
  app.add_option("FILE", options.file, "where the audits are recorded; made if there is none")
      ->required()
      ->type_name("");
  app.add_option("--root", root, "the folder that stands for /")->type_name("DIR")->capture_default_str();
  app.add_option("--manifest", manifests, "verify these lists in md5sum format instead of dpkg's")
      ->type_name("LIST");
  app.add_option("--only", options.request.only, "only packages whose name matches")
      ->type_name("GLOB")
      ->capture_default_str();
  app.add_option("--keep-clean", keep_clean,
                 "how long records of clean packages are kept; others stay for 30 days")
      ->type_name("DURATION")
      ->capture_default_str();
  auto* serve = app.add_option("--serve", port,
                               "serve cairn's API on 127.0.0.1, until SIGINT or SIGTERM (0: any free port)");
  serve->type_name("PORT");
  app.add_option("--report", options.report,
                 "append the report to this file, and print what fits on a screen")
      ->type_name("REPORT");
  app.add_flag("--no-times", no_times,
               "leave out of the report what differs between two runs over the same files");

  try {
    app.parse(argc, argv);
    options.request.root = recordable(root, "--root");
    if (!std::filesystem::is_directory(options.request.root))
      throw CLI::ValidationError("--root", root + " is no folder");
    for (const std::string& manifest : manifests)
      options.request.manifests.push_back(recordable(manifest, "--manifest"));
    options.request.keep_clean = read_keep_clean(keep_clean);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }

  // The same manifest twice is one package.
  std::vector<std::string>& names = options.request.manifests;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (serve->count() > 0) options.serve = port;
  if (no_times) options.times = Times::hidden;
  return options;
}

}  // namespace verify
