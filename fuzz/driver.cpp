// A fuzz target without libFuzzer: runs the seeds, each cut and spoiled at random, for some
// seconds.
//
//   fuzz_short_TARGET SECONDS FOLDER     FOLDER may be missing: then only random bytes
//
// No coverage guides it, so it finds less than `./dev fuzz`; but it runs in any build, with any
// sanitizer, at full speed. The sequence is the same every time: a finding comes back. The input
// that ends the process is left in TARGET.crash where it was started.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string crash_file;
std::string input;

void leave_input(int signal) {
  const int file = open(crash_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file >= 0 && write(file, input.data(), input.size()) > 0) close(file);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class Dice {
 public:
  std::size_t roll(std::size_t sides) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % sides);
  }

 private:
  std::uint64_t state_ = 1;
};

void spoil(std::string& text, const std::vector<std::string>& seeds, Dice& dice) {
  constexpr std::string_view spice[] = {"{",   "}",   "[",    "]",    "\"",   ",",
                                        ":",   "-",   ".",    "0",    "9",    "e",
                                        "1e9", "\\",  "null", "true", "\n",   " ",
                                        "{}",  "[]",  "\"\"", "\xff", "\x01", "9223372036854775808",
                                        "-1",  "0.1", "[[",   "}}",   "\x7f", "\\u0000"};
  const std::size_t changes = 1 + dice.roll(6);
  for (std::size_t change = 0; change < changes; ++change) {
    const std::size_t at = dice.roll(text.size() + 1);
    switch (dice.roll(7)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(dice.roll(256));
        break;
      case 2:
        text.insert(at, spice[dice.roll(std::size(spice))]);
        break;
      case 3:
        text.erase(at, 1 + dice.roll(20));
        break;
      case 4:
        text.insert(at, text.substr(dice.roll(text.size() + 1), dice.roll(80)));
        break;
      case 5: {
        const std::string& other = seeds[dice.roll(seeds.size())];
        text.insert(at, other.substr(dice.roll(other.size() + 1), dice.roll(200)));
        break;
      }
      case 6:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.roll(8)));
        break;
    }
  }
}

void run() {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::chrono::duration<double> length{std::atof(arguments[1])};
  crash_file = std::filesystem::path(arguments[0]).filename().string() + ".crash";
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS})
    std::signal(signal, leave_input);

  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(arguments[2]))
    for (const auto& entry : std::filesystem::directory_iterator(arguments[2]))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const std::size_t given = seeds.size();
  Dice dice;
  for (int i = 0; i < 8; ++i) {
    std::string random(dice.roll(500), '\0');
    for (char& byte : random) byte = static_cast<char>(dice.roll(256));
    seeds.push_back(random);
  }
  for (const std::string& seed : seeds) {
    input = seed;
    run();
  }

  const auto end = std::chrono::steady_clock::now() + length;
  std::size_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    input = seeds[dice.roll(given == 0 ? seeds.size() : given)];
    spoil(input, seeds, dice);
    run();
    ++runs;
  }
  std::printf("%zu seeds, %zu spoiled inputs\n", given, runs);
  return 0;
}
