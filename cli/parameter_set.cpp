#include "cli/parameter_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "cli/text_file.hpp"
#include "cli/what_if.hpp"
#include "engine/hash.hpp"
#include "engine/models/model_schema.hpp"
#include "engine/policy.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

constexpr const char* format_name = "mmctl-params";
constexpr int format_version = 1;

Json values_json(const ModelValues& values) {
  Json json = Json::object();
  for (const ModelValues::Entry& entry : values.entries()) {
    Json list = Json::array();
    for (const MaybeNumber& number : entry.numbers)
      list.push_back(number ? Json(*number) : Json(nullptr));
    json[entry.name] = entry.numbers.size() == 1 && entry.numbers.front() ? list.front() : list;
  }
  return json;
}

Json document_without_hash(const ParameterSet& set) {
  return Json{{"format", format_name},
              {"version", format_version},
              {"model", set.model},
              {"instrument", set.instrument},
              {"values", values_json(set.values)},
              {"provenance", set.provenance}};
}

/// Of a document that holds neither `hash` nor `fitted`.
std::string content_hash(const Json& document) {
  // The other kind of JSON object sorts its keys.
  const std::string text = nlohmann::json::parse(document.dump()).dump();
  const Digest128 digest = hash128(std::as_bytes(std::span{text}));
  return fmt::format("{:016x}{:016x}", digest.high, digest.low);
}

class FileReader {
 public:
  FileReader(std::string_view flag, const std::string& path) : flag_(flag), path_(path) {}

  ParameterSet read() const {
    const Json document = Json::parse(read_text(path_), nullptr, false);
    if (!document.is_object() || !document.contains("format") || !document["format"].is_string())
      refuse("is no parameter set; `mmctl fit MODEL --output` writes one");
    const auto format = document["format"].get<std::string>();
    if (format != format_name) {
      const bool ours = format.starts_with("mmctl-");
      refuse(fmt::format("is a file of another kind ({}), no parameter set of a model", format),
             ours ? ErrorKind::usage : ErrorKind::data);
    }
    if (!document.contains("version") || document["version"] != format_version)
      refuse("has a version this program does not know");
    ParameterSet set;
    set.model = text_field(document, "model");
    set.instrument = text_field(document, "instrument");
    set.hash = text_field(document, "hash");
    set.fitted = document.contains("fitted") ? text_field(document, "fitted") : "";
    if (!document.contains("provenance") || !document["provenance"].is_object())
      refuse("has no 'provenance'");
    set.provenance = document["provenance"];
    if (!document.contains("values") || !document["values"].is_object()) refuse("has no 'values'");
    for (const auto& [name, value] : document["values"].items()) read_value(set, name, value);
    Json hashed = document;
    hashed.erase("hash");
    hashed.erase("fitted");
    if (content_hash(hashed) != set.hash)
      refuse("was changed since it was written (its hash does not fit); fit it anew");
    if (find_model_schema(set.model) == nullptr)
      refuse(fmt::format("'model' is '{}', which this program does not know; it knows {}",
                         set.model, model_names()));
    return set;
  }

  [[noreturn]] void refuse(const std::string& why, ErrorKind kind = ErrorKind::data) const {
    throw Error(kind, fmt::format("{}: {}: {}", flag_, path_, why));
  }

 private:
  std::string text_field(const Json& document, const char* name) const {
    if (!document.contains(name) || !document[name].is_string())
      refuse(fmt::format("has no text '{}'", name));
    return document[name];
  }

  void read_value(ParameterSet& set, const std::string& name, const Json& value) const {
    std::vector<MaybeNumber> numbers;
    const auto add = [&](const Json& number) {
      if (number.is_number()) {
        numbers.emplace_back(number.get<double>());
      } else if (number.is_null()) {
        numbers.emplace_back();
      } else {
        refuse(fmt::format("'values.{}' is neither a number nor a list of numbers", name));
      }
    };
    if (value.is_array()) {
      for (const Json& number : value) add(number);
    } else {
      add(value);
    }
    set.values.set(name, std::move(numbers));
  }

  std::string_view flag_;
  const std::string& path_;
};

}  // namespace

std::string ParameterSet::text() const {
  ModelValues named = values;
  named.set_hash(hash);
  return named.format();
}

Setting model_setting(const ParameterSet& set) {
  return {std::string{model_prefix} + set.model, set.text()};
}

Json document_of(const ParameterSet& set) {
  Json document = document_without_hash(set);
  document["fitted"] = set.fitted;
  document["hash"] = set.hash;
  return document;
}

void seal(ParameterSet& set) {
  set.hash = content_hash(document_without_hash(set));
}

void write_parameter_set(const std::string& path, const ParameterSet& set) {
  write_text(path, document_of(set).dump(2) + '\n');
}

ParameterSet read_parameter_set(std::string_view flag, const std::string& path) {
  return FileReader{flag, path}.read();
}

std::vector<ParameterSet> read_parameter_sets(std::string_view flag, const std::string& list) {
  std::vector<ParameterSet> sets;
  for (const std::string& path : split_list(list)) {
    const FileReader reader{flag, path};
    ParameterSet set = reader.read();
    if (const auto problems = problems_of(set.model, set.values); !problems.empty())
      reader.refuse("is not fit for use: " + problems.front());
    if (std::ranges::find(sets, set.model, &ParameterSet::model) != sets.end())
      reader.refuse(fmt::format("is a second set of '{}'; give one a model", set.model),
                    ErrorKind::usage);
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace mm::cli
