#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace mm::cli {
namespace {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(std::string what, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      started_(Clock::now()),
      drawn_(started_),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::draw(double fraction, std::uint64_t count) {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (elapsed < 1.0 || now - drawn_ < pause) return;
  drawn_ = now;
  shown_ = true;
  std::string line =
      fmt::format("{} {} {} ({:.0f}/s)", what_, count, unit_, static_cast<double>(count) / elapsed);
  if (fraction > 0.0) {
    const double left = elapsed * (1.0 - fraction) / fraction;
    const auto filled = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * 24.0);
    line += fmt::format(" [{}{}] {:3.0f} %, {} left", std::string(filled, '='),
                        std::string(24 - filled, ' '), fraction * 100.0, clock_text(left));
  }
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", line);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  std::fflush(stderr);
}

}  // namespace mm::cli
