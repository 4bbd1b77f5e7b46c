// mm-bench: measures what docs/performance.md promises, prints goal / measured / met and writes
// bench.json.

#include <fmt/format.h>

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/goals.hpp"

namespace {

/// "6" asks for all of goal 6, "6.R1" for a part of it.
bool is_asked_for(std::string_view id, const std::vector<std::string>& only) {
  if (only.empty()) return true;
  for (const std::string& asked : only)
    if (id == asked || (id.starts_with(asked) && id[asked.size()] == '.')) return true;
  return false;
}

void measure(const mm::bench::Plan& plan, mm::bench::Report& report) {
  using namespace mm::bench;
  for (const char* name : {"R1", "R2", "R3"}) {
    const bool first = name == std::string_view{"R1"};
    const Recording recording = load_recording(name, first && plan.wants("2.json"));
    if (!recording.real)
      report.say(
          fmt::format("{}: no captures in $MM_DATA; a sample of the repository stands in", name));
    measure_size(recording, plan, report);
    measure_replay(recording, plan, report);
    if (!first) continue;
    measure_accept(recording, plan, report);
    measure_writer(recording, plan, report);
    measure_seek(recording, plan, report);
    measure_sweep(recording, plan, report);
    measure_outlook(recording, plan, report);
  }
  measure_wire(plan, report);
  measure_sockets(plan, report);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the goals of docs/performance.md; writes bench.json"};
  std::vector<std::string> only;
  std::string output = "bench.json";
  mm::bench::Plan plan;
  app.add_option("--only", only, "goals to measure: 6, 6.R1, 16, ...")->delimiter(',');
  app.add_flag("--quick", plan.quick, "fewer rounds: for trying a change");
  plan.directory = std::filesystem::temp_directory_path().string();
  app.add_option("--dir", plan.directory, "where journals are written for the measurement")
      ->capture_default_str();
  app.add_option("--output", output, "where the figures go")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  plan.wants = [&only](std::string_view id) { return is_asked_for(id, only); };

  // Memory that a round frees stays with the process: else each round of milliseconds would begin
  // with the page faults that a replay has once.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  try {
    mm::bench::Report report;
    measure(plan, report);
    report.write(output);
    fmt::print("{} of {} goals met; {}\n", report.met(), report.size(), output);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mm-bench: {}\n", error.what());
    return 3;
  }
}
