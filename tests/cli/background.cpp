#include "tests/cli/background.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <iterator>
#include <optional>
#include <thread>

#include "net/http_client.hpp"

namespace mm::test {
namespace {

using Clock = std::chrono::steady_clock;

void nap() {
  std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

std::vector<std::string> venue_command(const std::vector<std::string>& arguments, bool tls,
                                       const std::string& certificate) {
  std::vector<std::string> command{MM_MMCTL, "venue", "--listen", "127.0.0.1:0"};
  if (tls) command.insert(command.end(), {"--tls", "--certificate", certificate});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

Background::Background(const std::vector<std::string>& command, const RunOptions& options)
    : pid_(start_program(command, options, directory_ / "out", directory_ / "err")) {}

Background::~Background() {
  if (waited_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Background::signal(int number) const {
  kill(pid_, number);
}

bool Background::runs() const {
  return !waited_ && kill(pid_, 0) == 0 && waitpid(pid_, nullptr, WNOHANG) == 0;
}

Outcome Background::wait(std::chrono::seconds most) {
  const auto limit = Clock::now() + most;
  int status = 0;
  rusage usage{};
  while (wait4(pid_, &status, WNOHANG, &usage) == 0) {
    if (Clock::now() > limit) {
      ADD_FAILURE() << "it still ran after " << most.count() << " s";
      kill(pid_, SIGKILL);
    }
    nap();
  }
  waited_ = true;
  Outcome run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = file_text(directory_ / "out");
  run.err = file_text(directory_ / "err");
  run.max_rss_kib = usage.ru_maxrss;
  return run;
}

std::string Background::first_line() const {
  const auto limit = Clock::now() + std::chrono::seconds{10};
  while (Clock::now() < limit) {
    const std::string out = file_text(directory_ / "out");
    if (const std::size_t end = out.find('\n'); end != std::string::npos) return out.substr(0, end);
    nap();
  }
  ADD_FAILURE() << "it printed nothing within ten seconds; on stderr: " << err();
  return {};
}

std::string Background::err() const {
  return file_text(directory_ / "err");
}

LocalVenue::LocalVenue(const std::vector<std::string>& arguments, bool tls)
    : tls_(tls),
      process_(venue_command(arguments, tls, directory_ / "venue.pem")),
      url_(process_.first_line()) {}

std::vector<std::string> LocalVenue::client_arguments() const {
  std::vector<std::string> arguments{"--network", url_};
  if (tls_) arguments.insert(arguments.end(), {"--ca-file", directory_ / "venue.pem"});
  return arguments;
}

Json LocalVenue::state() const {
  return ask({"GET", "/control/state", {}, {}});
}

Json LocalVenue::books(const std::string& venue, const std::string& symbol) const {
  return ask({"GET", "/control/books?venue=" + venue + "&symbol=" + symbol, {}, {}});
}

void LocalVenue::control(const std::string& what, const Json& body) const {
  const Json answer = ask({"POST", "/control/" + what, {}, body.dump()});
  EXPECT_TRUE(answer.contains("ok")) << answer.dump();
}

Json LocalVenue::ask(const net::HttpRequest& request) const {
  net::Loop loop;
  std::optional<net::TlsClient> tls;
  if (tls_) tls.emplace(directory_ / "venue.pem");
  net::HttpClient client(loop, tls ? &*tls : nullptr, net::parse_url(url_).value());
  std::optional<std::string> body;
  client.request(request, [&](const Result<net::HttpResponse>& response) {
    body = response ? response->body : std::string{};
    if (!response) ADD_FAILURE() << response.error().message();
  });
  const auto limit = Clock::now() + std::chrono::seconds{10};
  while (!body && loop.run_one_until(limit)) {
  }
  return body && !body->empty() ? Json::parse(*body) : Json::object();
}

}  // namespace mm::test
