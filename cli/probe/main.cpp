// mm-probe: one JSON case on standard input, one JSON answer as the last line on standard output.

#include <cstdio>
#include <string>

#include "cli/probe/functions.hpp"

int main() {
  std::string text;
  char buffer[65536];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;)
    text.append(buffer, size);
  const mm::probe::Answer answer = mm::probe::answer(text);
  std::printf("%s\n", answer.json.c_str());
  return answer.exit_code;
}
