// mmctl kill: ends the trading of the live session that records into a journal.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "cli/commands.hpp"
#include "cli/live_orders.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

std::string second_line(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  return line;
}

}  // namespace

int kill(const Globals& globals) {
  const std::string file = kill_file_of(globals.journal);
  if (!std::filesystem::is_directory(globals.journal))
    throw Error(ErrorKind::data, globals.journal + ": there is no journal");
  std::ofstream out{file, std::ios::trunc};
  out << "kill\n";
  out.close();
  if (!out) throw Error(ErrorKind::data, file + ": cannot be written");

  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{3};
  std::string answer;
  while (answer.empty() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    answer = second_line(file);
  }
  fmt::print("{}\n", answer.empty() ? "no session with real orders answered within 3 s" : answer);
  fmt::print("none will trade into this journal until {} is removed\n", file);
  return answer.empty() ? 1 : 0;
}

}  // namespace mm::cli
