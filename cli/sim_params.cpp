#include "cli/sim_params.hpp"

#include <fmt/format.h>

#include <span>

#include "cli/text_file.hpp"
#include "engine/hash.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

constexpr const char* format_name = "mmctl-sim-params";

std::string content_hash(Json document) {
  document.erase("hash");
  const std::string text = document.dump();
  return fmt::format("{:016x}", hash64(std::as_bytes(std::span{text})));
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::data, fmt::format("--sim-params: {}: {}", path, why));
}

}  // namespace

void write_sim_params(const std::string& path, const SimParams& params) {
  Json document{{"format", format_name},
                {"version", 1},
                {"instrument", params.instrument},
                {"queue", params.queue.name()},
                {"latency", params.latency.name()},
                {"provenance", params.provenance}};
  document["hash"] = content_hash(document);
  write_text(path, document.dump(2) + '\n');
}

SimParams read_sim_params(const std::string& path) {
  const std::string text = read_text(path);
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("format", "") != format_name)
    refuse(path, "is no parameter set of the simulator; `mmctl calibrate-sim --output` writes one");
  if (!document.contains("version") || document["version"] != 1)
    refuse(path, "has a version this program does not know");
  for (const char* key : {"instrument", "queue", "latency", "hash"})
    if (!document.contains(key) || !document[key].is_string())
      refuse(path, fmt::format("has no '{}'", key));
  if (document["hash"] != content_hash(document))
    refuse(path, "was changed since it was written (its hash does not fit); write it anew");
  SimParams params;
  params.instrument = document["instrument"];
  const auto queue = sim::QueueModel::parse(document["queue"].get<std::string>());
  const auto latency = sim::LatencyModel::parse(document["latency"].get<std::string>());
  if (!queue || !latency) refuse(path, "names no queue model or latency this program knows");
  params.queue = *queue;
  params.latency = *latency;
  params.provenance = document.value("provenance", Json::object());
  return params;
}

}  // namespace mm::cli
