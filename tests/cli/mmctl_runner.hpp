#pragma once

// Runs the built mmctl as a user would and says what came of it.

#include <sys/resource.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mm::test {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Outcome {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;
  long max_rss_kib = 0;

  Json json() const { return Json::parse(out); }
};

/// How a child is started; every field has a sensible default.
struct RunOptions {
  std::vector<std::string> environment;  ///< "NAME=value", added to ours
  std::string directory;                 ///< working directory; empty = ours
  bool as_nobody = false;                ///< drop root, to meet permissions
  int kill_after_us = -1;                ///< SIGKILL after this long; -1 = never
};

/// `arguments` behind the program's name. Fails the test if the program cannot be started.
Outcome mmctl(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// Starts a program found on PATH and returns its process id; what it prints goes to the two files.
int start_program(const std::vector<std::string>& command, const RunOptions& options,
                  const std::string& out, const std::string& err);

/// The same for another program, found on PATH.
Outcome run_program(const std::vector<std::string>& command, const RunOptions& options = {});

/// Expects that it ended with this code, printed nothing and said why, in words that hold `names`.
void expect_refusal(const Outcome& run, int exit_code, const std::string& names);

/// All of a file.
std::string file_text(const std::string& path);

/// A directory of one test, removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const fs::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

/// A file of the repository.
std::string repository(const std::string& name);
/// Where larger recordings are, if they are: $MM_DATA, else ../shared/data beside the repository.
fs::path data_directory();
/// "VENUE:SYMBOL=FILE" of a recorded market in the repository.
std::string usdm_feed();
std::string spot_feed();
std::string coinm_feed();

}  // namespace mm::test
