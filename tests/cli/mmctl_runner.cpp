#include "tests/cli/mmctl_runner.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace mm::test {
namespace {

[[noreturn]] void become(const std::vector<std::string>& command, const RunOptions& options,
                         const std::string& out, const std::string& err) {
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  dup2(null, STDIN_FILENO);
  dup2(out_file, STDOUT_FILENO);
  dup2(err_file, STDERR_FILENO);
  for (const std::string& variable : options.environment)
    putenv(const_cast<char*>(variable.c_str()));
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
  if (options.as_nobody && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

int start_program(const std::vector<std::string>& command, const RunOptions& options,
                  const std::string& out, const std::string& err) {
  const pid_t child = fork();
  if (child == 0) become(command, options, out, err);
  return child;
}

Outcome run_program(const std::vector<std::string>& command, const RunOptions& options) {
  const TempDir directory;
  const std::string out = directory / "out";
  const std::string err = directory / "err";
  const pid_t child = start_program(command, options, out, err);
  if (options.kill_after_us >= 0) {
    usleep(static_cast<useconds_t>(options.kill_after_us));
    kill(child, SIGKILL);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  Outcome run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = file_text(out);
  run.err = file_text(err);
  run.max_rss_kib = usage.ru_maxrss;
  EXPECT_NE(run.exit_code, 127) << "cannot start " << command.front();
  return run;
}

Outcome mmctl(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::vector<std::string> command{MM_MMCTL};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, options);
}

std::string file_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void expect_refusal(const Outcome& run, int exit_code, const std::string& names) {
  EXPECT_EQ(run.exit_code, exit_code) << run.out << run.err;
  EXPECT_NE(run.err.find(names), std::string::npos) << "no '" << names << "' in: " << run.err;
  EXPECT_EQ(run.out, "");
}

TempDir::TempDir() {
  std::string name = (fs::temp_directory_path() / "mmctl-test-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::permissions(path_, fs::perms::owner_all, fs::perm_options::add, ignored);
  fs::remove_all(path_, ignored);
}

std::string repository(const std::string& name) {
  return (fs::path(MM_SOURCE_DIR) / name).string();
}

fs::path data_directory() {
  const char* given = std::getenv("MM_DATA");
  return given != nullptr && *given != '\0' ? fs::path(given)
                                            : fs::path(MM_SOURCE_DIR).parent_path() / "shared/data";
}

std::string usdm_feed() {
  return "binance-usdm:BTCUSDT=" + repository("tests/fixtures/market/binance_usdm_btcusdt.zst");
}
std::string spot_feed() {
  return "binance-spot:BTCUSDT=" + repository("tests/fixtures/market/binance_spot_btcusdt.zst");
}
std::string coinm_feed() {
  return "binance-coinm:BTCUSD_PERP=" +
         repository("tests/fixtures/market/binance_coinm_btcusd_perp.zst");
}

}  // namespace mm::test
