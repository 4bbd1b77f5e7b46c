#pragma once

// A program that runs beside the test, and a venue to talk to.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {

/// Started at once; killed at the end if it still runs.
class Background {
 public:
  explicit Background(const std::vector<std::string>& command, const RunOptions& options = {});
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void signal(int number) const;
  /// Waits for its end, at most so long; then it is killed and the test fails.
  Outcome wait(std::chrono::seconds most = std::chrono::seconds{90});
  /// The first line it printed on stdout; waits for it, at most ten seconds.
  std::string first_line() const;
  /// What it has printed on stderr so far.
  std::string err() const;
  bool runs() const;
  pid_t pid() const { return pid_; }

 private:
  TempDir directory_;
  pid_t pid_ = -1;
  bool waited_ = false;
};

/// `mmctl venue` on a free port of loopback.
class LocalVenue {
 public:
  /// `arguments` behind --listen and, with `tls`, --tls.
  explicit LocalVenue(const std::vector<std::string>& arguments, bool tls = true);

  const std::string& url() const { return url_; }
  /// What a client needs to talk to it.
  std::vector<std::string> client_arguments() const;
  /// GET /control/state.
  Json state() const;
  /// GET /control/books of one book, "hyperliquid" and "ETH"; needs --keep-books.
  Json books(const std::string& venue, const std::string& symbol) const;
  /// POST /control/..., which must be accepted.
  void control(const std::string& what, const Json& body) const;
  Background& process() { return process_; }

 private:
  Json ask(const net::HttpRequest& request) const;

  TempDir directory_;
  bool tls_;
  Background process_;
  std::string url_;
};

}  // namespace mm::test
