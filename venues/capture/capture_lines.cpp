#include "venues/capture/capture_lines.hpp"

#include <algorithm>
#include <vector>

#include "engine/result.hpp"
#include "venues/capture/capture_bytes.hpp"
#include "venues/json.hpp"
#include "venues/time_text.hpp"

namespace mm::venues {
namespace {

namespace ondemand = json::ondemand;
using hyperliquid::RecorderCsv;

enum class Format { stamped, cryptofeed, archive, csv };

/// Keeps a text with the padding that the decoders want behind it.
class PaddedText {
 public:
  std::string_view assign(std::string_view text) {
    if (bytes_.size() < text.size() + frame_padding) bytes_.resize(text.size() * 2 + frame_padding);
    std::copy(text.begin(), text.end(), bytes_.begin());
    return {bytes_.data(), text.size()};
  }

 private:
  std::vector<char> bytes_;
};

bool is_digit(char of) {
  return of >= '0' && of <= '9';
}

std::optional<Format> format_of(std::string_view first) {
  const std::size_t blank = first.find(' ');
  if (blank != std::string_view::npos && parse_epoch(first.substr(0, blank)) &&
      first.substr(blank + 1).starts_with('{')) {
    return Format::stamped;
  }
  if (RecorderCsv::kind_of(first)) return Format::csv;
  if (!first.starts_with('{')) return std::nullopt;
  const auto has = [&](std::string_view key) { return first.find(key) != std::string_view::npos; };
  if (has("\"t\":") && (has("\"ts\":") || has("\"header\""))) return Format::cryptofeed;
  if (has("\"time\":") && (has("\"raw\":") || has("\"levels\":"))) return Format::archive;
  return std::nullopt;
}

class StampedReader final : public FrameReader {
 public:
  explicit StampedReader(const std::string& path) : lines_(path) {}

  bool next(CaptureFrame& frame) override {
    std::string_view line;
    if (!lines_.next(line)) return false;
    frame = {};
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::optional<Time> time = parse_epoch(line.substr(0, blank));
    if (!time || blank == line.size()) {
      frame.problem = "line without a receive time";
    } else {
      frame.recv_time = *time;
      frame.text = line.substr(blank + 1);
    }
    return true;
  }
  std::uint64_t consumed() const override { return lines_.consumed(); }

 private:
  LineReader lines_;
};

class ArchiveReader final : public FrameReader {
 public:
  explicit ArchiveReader(const std::string& path) : lines_(path) {}

  bool next(CaptureFrame& frame) override {
    std::string_view line;
    if (!lines_.next(line)) return false;
    frame = {};
    frame.problem = read(line, frame);
    return true;
  }
  std::uint64_t consumed() const override { return lines_.consumed(); }

 private:
  std::string_view read(std::string_view line, CaptureFrame& frame) {
    line = enclosed_.of(line);
    ondemand::document document;
    ondemand::object root;
    if (parser_.iterate(line.data(), line.size(), line.size() + frame_padding).get(document) ||
        document.get_object().get(root)) {
      return "archive line is not a JSON object";
    }
    std::string_view time;
    std::string_view raw;
    for (auto entry : root) {
      ondemand::field field;
      if (std::move(entry).get(field)) return "archive line is not JSON";
      const std::string_view key = json::key_of(field.key());
      if (key == "time") {
        if (!time.empty()) return "archive line with one key twice";
        time = json::unquoted(json::token_of(field.value()));
      } else if (key == "raw") {
        if (!raw.empty()) return "archive line with one key twice";
        ondemand::object inner;
        if (field.value().get_object().get(inner) || inner.raw_json().get(raw)) {
          return "archive line whose raw is not an object";
        }
      } else if (key == "levels") {
        raw = line;
      }
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return "archive line that goes on behind its object";
    }
    const bool bare = !time.empty() && is_digit(time.front()) && time.size() == 13;
    const auto received = bare ? parse_epoch(time) : parse_utc(time);
    if (!received) return "archive line without a time";
    if (raw.empty()) return "archive line without a raw frame";
    frame.recv_time = *received;
    frame.text = raw;
    return {};
  }

  LineReader lines_;
  ondemand::parser parser_;
  json::Enclosed enclosed_;
};

class CryptofeedReader final : public FrameReader {
 public:
  CryptofeedReader(const std::string& path, std::string symbol)
      : lines_(path), symbol_(std::move(symbol)) {}

  bool next(CaptureFrame& frame) override {
    std::string_view line;
    while (lines_.next(line)) {
      frame = {};
      Fields fields;
      if (!read(line, fields)) {
        frame.problem = "cryptofeed line is not a JSON object";
        return true;
      }
      if (fields.kind != "recv" && !(fields.kind == "http" && is_our_depth(fields.url))) continue;
      const std::optional<Time> time = parse_seconds(fields.time);
      if (!time || fields.data.empty()) {
        frame.problem = "cryptofeed line without ts and data";
        return true;
      }
      frame.recv_time = *time;
      frame.text = text_.assign(fields.data);
      return true;
    }
    return false;
  }
  std::uint64_t consumed() const override { return lines_.consumed(); }

 private:
  struct Fields {
    std::string_view kind, time, url, data;
  };

  bool read(std::string_view line, Fields& fields) {
    line = enclosed_.of(line);
    ondemand::document document;
    ondemand::object root;
    if (parser_.iterate(line.data(), line.size(), line.size() + frame_padding).get(document) ||
        document.get_object().get(root)) {
      return false;
    }
    for (auto entry : root) {
      ondemand::field field;
      if (std::move(entry).get(field)) return false;
      const std::string_view key = json::key_of(field.key());
      if (key == "t") {
        fields.kind = json::unquoted(json::token_of(field.value()));
      } else if (key == "ts") {
        fields.time = json::token_of(field.value());
      } else if (key == "url" && field.value().get_string().get(fields.url)) {
        return false;
      } else if (key == "data") {
        ondemand::json_type type{};
        if (field.value().type().get(type)) return false;
        if (type == ondemand::json_type::string && field.value().get_string().get(fields.data)) {
          return false;
        }
      }
    }
    return true;
  }

  bool is_our_depth(std::string_view url) const {
    if (url.find("/depth?") == std::string_view::npos) return false;
    const std::string_view key = "symbol=";
    const std::size_t at = url.find(key);
    if (at == std::string_view::npos) return false;
    const std::string_view value = url.substr(at + key.size());
    return value.substr(0, value.find('&')) == symbol_;
  }

  LineReader lines_;
  std::string symbol_;
  ondemand::parser parser_;
  json::Enclosed enclosed_;
  PaddedText text_;
};

class CsvReader final : public FrameReader {
 public:
  CsvReader(const std::string& path, const std::string& coin) : lines_(path) {
    std::string_view header;
    lines_.next(header);
    rows_.emplace(header, coin);
  }

  bool next(CaptureFrame& frame) override {
    std::string_view row;
    frame = {};
    while (lines_.next(row)) {
      const Result<bool> finished = rows_->add(row, built_);
      if (finished.has_error()) {
        problem_ = finished.error().message();
        frame.problem = problem_;
        return true;
      }
      if (*finished) return give(frame);
    }
    return rows_->finish(built_) && give(frame);
  }
  std::uint64_t consumed() const override { return lines_.consumed(); }

 private:
  bool give(CaptureFrame& frame) {
    frame.recv_time = built_.recv;
    frame.text = text_.assign(built_.json);
    return true;
  }

  LineReader lines_;
  std::optional<RecorderCsv> rows_;
  RecorderCsv::Frame built_;
  std::string problem_;
  PaddedText text_;
};

/// The first line of a file, and what format it begins.
Format look_at(const std::string& path, std::string& first) {
  LineReader lines(path);
  std::string_view line;
  if (!lines.next(line)) throw Error(ErrorKind::data, "cannot read " + path + ": it has no lines");
  first = line;
  const std::optional<Format> format = format_of(line);
  if (format) return *format;
  std::string shown(line.substr(0, 60));
  std::replace_if(
      shown.begin(), shown.end(), [](char of) { return of < ' ' || of > '~'; }, '?');
  throw Error(ErrorKind::data, "cannot read " + path +
                                   ": it is no capture of a known format; it begins with \"" +
                                   shown + "\"");
}

}  // namespace

std::unique_ptr<FrameReader> FrameReader::open(const std::string& path,
                                               const Instrument& instrument) {
  std::string first;
  switch (look_at(path, first)) {
    case Format::stamped:
      return std::make_unique<StampedReader>(path);
    case Format::cryptofeed:
      return std::make_unique<CryptofeedReader>(path, instrument.symbol);
    case Format::archive:
      return std::make_unique<ArchiveReader>(path);
    case Format::csv:
      return std::make_unique<CsvReader>(path, instrument.symbol);
  }
  return nullptr;
}

std::optional<RecorderCsv::Kind> probe_capture(const std::string& path) {
  std::string first;
  if (look_at(path, first) != Format::csv) return std::nullopt;
  return RecorderCsv::kind_of(first);
}

}  // namespace mm::venues
