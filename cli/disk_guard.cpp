#include "cli/disk_guard.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "engine/result.hpp"

namespace mm::cli {
namespace {

constexpr double seconds_a_day = 86'400;

std::string size_text(std::uint64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return mebibytes < 10'240 ? fmt::format("{:.0f} MiB", mebibytes)
                            : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

}  // namespace

std::optional<std::uint64_t> free_bytes(std::filesystem::path directory) {
  std::error_code error;
  directory = std::filesystem::absolute(directory, error);
  while (!std::filesystem::exists(directory, error) && directory.has_relative_path())
    directory = directory.parent_path();
  struct statvfs of {};
  if (statvfs(directory.c_str(), &of) != 0) return std::nullopt;
  return std::uint64_t{of.f_bavail} * of.f_frsize;
}

DiskGuard::DiskGuard(std::filesystem::path journal, const std::vector<Instrument>& instruments,
                     bool raw)
    : journal_(std::move(journal)) {
  for (const Instrument& of : instruments) rate_ += of.venue == "hyperliquid" ? 1'000 : 6'000;
  if (raw) rate_ *= 3;
}

void DiskGuard::check_before_start() const {
  const auto free = free_bytes(journal_);
  if (!free) return;
  if (*free < least_to_begin)
    throw Error(ErrorKind::data,
                fmt::format("--journal {}: {} are free on its disk; a live session is not begun "
                            "with less than {}",
                            journal_.string(), size_text(*free), size_text(least_to_begin)));
  const double days = static_cast<double>(*free - least_to_go_on) / rate_ / seconds_a_day;
  fmt::print(stderr, "mmctl: {}{} free for {}, enough for about {} at the {:.0f} kB/s to expect\n",
             days < 1 ? "warning: " : "", size_text(*free), journal_.string(),
             days < 2 ? fmt::format("{:.1f} hours", days * 24) : fmt::format("{:.0f} days", days),
             rate_ / 1000);
}

std::optional<std::string> DiskGuard::reason_to_stop() const {
  const auto free = free_bytes(journal_);
  if (!free || *free >= least_to_go_on) return std::nullopt;
  return fmt::format("the disk is nearly full: {} free", size_text(*free));
}

}  // namespace mm::cli
