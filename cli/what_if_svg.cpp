// A what-if as a picture: SVG 1.1 without scripts, fonts or colours from elsewhere.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "cli/time_spec.hpp"
#include "cli/what_if_result.hpp"
#include "engine/numeric.hpp"

namespace mm::cli {
namespace {

using research::CounterfactualResult;
using research::CounterfactualRow;

constexpr double page_width = 960;
constexpr double left = 90;
constexpr double right = 24;
constexpr double panel_height = 260;
constexpr double plot_width = page_width - left - right;

constexpr const char* ink = "#222";
constexpr const char* faint = "#d8d8d8";
constexpr const char* blue = "#1f5fa8";
constexpr const char* band_fill = "#a9c8e8";
constexpr const char* orange = "#c4610a";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

double units(Money money) {
  return static_cast<double>(money.units()) / static_cast<double>(Money::per_one);
}

/// 1, 2 or 5 times a power of ten, so that about `wanted` steps cover `span`.
double nice_step(double span, int wanted) {
  const double raw = span / wanted;
  double step = 1;
  while (step > raw) step /= 10;
  while (step * 10 <= raw) step *= 10;
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (step * factor >= raw) return step * factor;
  return step * 10;
}

class Axis {
 public:
  Axis(double low, double high, double from, double to)
      : low_(low), high_(high > low ? high : low + 1), from_(from), to_(to) {}
  double at(double value) const { return from_ + (value - low_) / (high_ - low_) * (to_ - from_); }
  std::vector<double> ticks(int wanted) const {
    const double step = nice_step(high_ - low_, wanted);
    std::vector<double> values;
    for (double k = std::ceil(low_ / step - 1e-9); k * step <= high_ + step * 1e-9; ++k)
      values.push_back(k == 0 ? 0.0 : k * step);
    return values;
  }

 private:
  double low_, high_, from_, to_;
};

class Svg {
 public:
  explicit Svg(double height) {
    text_ = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
        page_width, height);
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, double width = 1,
            const char* dash = "") {
    text_ += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
        "stroke-width=\"{}\"{}/>\n",
        x1, y1, x2, y2, colour, width,
        *dash == '\0' ? std::string{} : fmt::format(" stroke-dasharray=\"{}\"", dash));
  }
  void box(double x, double y, double width, double height, const char* colour) {
    text_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", x, y,
        width, std::max(height, 0.5), colour);
  }
  void dot(double x, double y, const char* colour, bool filled, const std::string& title) {
    text_ += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" stroke=\"{}\" "
        "stroke-width=\"1.5\"><title>{}</title></circle>\n",
        x, y, filled ? colour : "#fff", colour, escaped(title));
  }
  void label(double x, double y, std::string_view text, const char* anchor,
             const char* extra = "") {
    text_ +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\" {}>{}</text>\n",
                    x, y, anchor, ink, extra, escaped(text));
  }
  std::string finish() { return text_ + "</svg>\n"; }

 private:
  std::string text_;
};

/// The number a value begins with: "5bps" is 5.
std::optional<double> leading_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

struct Place {
  const CounterfactualRow* row = nullptr;
  double x = 0;
};

struct Places {
  std::vector<Place> list;
  bool numeric = false;
  std::string title;
};

/// Where variants stand: at the value of the one parameter they differ in, or side by side.
Places places_of(const CounterfactualResult& result,
                 const std::vector<research::Variant>& variants) {
  Places places;
  places.numeric = !variants.empty();
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const CounterfactualRow& row = result.rows[i + 2];
    const auto& parameters = variants[i].parameters;
    const auto value =
        parameters.size() == 1 ? leading_number(parameters.front().value) : std::nullopt;
    places.numeric = places.numeric && value && row.complete &&
                     parameters.front().name == variants.front().parameters.front().name;
    if (row.complete) places.list.push_back({&row, value.value_or(0)});
  }
  if (places.numeric) {
    const std::string& first = variants.front().parameters.front().value;
    places.title = variants.front().parameters.front().name;
    if (first.ends_with("bps")) places.title += " (bps)";
  } else {
    for (std::size_t i = 0; i < places.list.size(); ++i) places.list[i].x = static_cast<double>(i);
  }
  return places;
}

void draw_frame(Svg& svg, const Axis& y, double top, const std::string& title,
                const std::string& y_title) {
  svg.label(left, top - 12, title, "start", "font-size=\"14\" font-weight=\"bold\"");
  for (const double tick : y.ticks(6)) {
    svg.line(left, y.at(tick), page_width - right, y.at(tick), tick == 0 ? "#888" : faint);
    svg.label(left - 8, y.at(tick) + 4, fmt::format("{:g}", tick), "end");
  }
  svg.line(left, top, left, top + panel_height, ink);
  svg.line(left, top + panel_height, page_width - right, top + panel_height, ink);
  svg.label(0, 0, y_title, "middle",
            fmt::format("transform=\"translate(20 {:.1f}) rotate(-90)\"", top + panel_height / 2)
                .c_str());
}

void draw_deltas(Svg& svg, const CounterfactualResult& result,
                 const std::vector<research::Variant>& variants, double top) {
  const Places places = places_of(result, variants);
  double low = 0;
  double high = 0;
  double first = 0;
  double last = 1;
  const auto include = [&](Money value) {
    low = std::min(low, units(value));
    high = std::max(high, units(value));
  };
  for (std::size_t i = 0; i < places.list.size(); ++i) {
    const auto& [row, x] = places.list[i];
    first = i == 0 ? x : std::min(first, x);
    last = i == 0 ? x : std::max(last, x);
    include(*row->delta);
    for (const auto* interval : {&row->ci95, &row->delta_band, &row->delta_bounds}) {
      if (!*interval) continue;
      include((*interval)->first);
      include((*interval)->second);
    }
  }
  const double margin = std::max((high - low) * 0.06, 1e-9);
  const double side = std::max((last - first) * 0.04, places.numeric ? 0.1 : 0.5);
  const Axis y{low - margin, high + margin, top + panel_height, top};
  const Axis x{first - side, last + side, left, page_width - right};
  draw_frame(svg, y, top, "P&L against the recorded parameters: estimate with 95 % interval",
             "delta, " + result.instrument.settlement);
  for (const auto& [row, at] : places.list) {
    const double px = x.at(at);
    const std::string name = fmt::format("{}: {}{}", row->name, format_money(*row->delta),
                                         row->identified ? "" : " (not identified)");
    if (row->delta_band)
      svg.box(px - 7, y.at(units(row->delta_band->second)), 14,
              y.at(units(row->delta_band->first)) - y.at(units(row->delta_band->second)),
              band_fill);
    if (row->delta_bounds)
      svg.line(px, y.at(units(row->delta_bounds->first)), px,
               y.at(units(row->delta_bounds->second)), orange, 1, "3 3");
    if (row->ci95) {
      const double a = y.at(units(row->ci95->first));
      const double b = y.at(units(row->ci95->second));
      svg.line(px, a, px, b, blue, 2);
      svg.line(px - 5, a, px + 5, a, blue, 2);
      svg.line(px - 5, b, px + 5, b, blue, 2);
    }
    svg.dot(px, y.at(units(*row->delta)), blue, row->identified, name);
  }
  const double base = top + panel_height;
  if (places.numeric) {
    for (const double tick : x.ticks(10)) {
      svg.line(x.at(tick), base, x.at(tick), base + 5, ink);
      svg.label(x.at(tick), base + 19, fmt::format("{:g}", tick), "middle");
    }
    svg.label(left + plot_width / 2, base + 38, places.title, "middle");
  } else {
    const std::size_t every = places.list.size() / 12 + 1;
    for (std::size_t i = 0; i < places.list.size(); i += every)
      svg.label(x.at(places.list[i].x), base + 19, places.list[i].row->name, "middle");
  }
}

void draw_curve(Svg& svg, const CounterfactualResult& result, double top) {
  double high = 0.01;
  double furthest = 1;
  for (const auto& bucket : result.fill_probability) {
    if (bucket.effective_orders == 0) continue;
    high = std::max(high, bucket.high);
    furthest = std::max(furthest, static_cast<double>(bucket.depth_bps + 1));
  }
  const Axis y{0, std::min(high * 1.05, 1.0), top + panel_height, top};
  const Axis x{0, furthest, left, page_width - right};
  draw_frame(svg, y, top, "Chance to fill within a second, all simulated orders (95 % bars)",
             "probability");
  for (const auto& bucket : result.fill_probability) {
    if (bucket.effective_orders == 0) continue;
    const double px = x.at(static_cast<double>(bucket.depth_bps) + 0.5);
    svg.line(px, y.at(bucket.low), px, y.at(bucket.high), blue, 2);
    svg.dot(px, y.at(bucket.probability), blue, true,
            fmt::format("{} to {} bps: {:.4f}, {} orders", bucket.depth_bps, bucket.depth_bps + 1,
                        bucket.probability, bucket.orders));
  }
  const double base = top + panel_height;
  for (const double tick : x.ticks(10)) {
    svg.line(x.at(tick), base, x.at(tick), base + 5, ink);
    svg.label(x.at(tick), base + 19, fmt::format("{:g}", tick), "middle");
  }
  svg.label(left + plot_width / 2, base + 38, "distance from the mid when accepted (bps)",
            "middle");
}

/// Lines of whole words, of about so many characters.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    const std::size_t space = std::min(text.find(' ', width), text.size());
    const std::size_t before = text.rfind(' ', width);
    const std::size_t cut = before == std::string_view::npos ? space : before;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  if (!text.empty()) lines.emplace_back(text);
  return lines;
}

}  // namespace

std::string svg_of(const CounterfactualResult& result,
                   const std::vector<research::Variant>& variants) {
  constexpr double first_top = 96;
  constexpr double second_top = first_top + panel_height + 100;
  constexpr double words_top = second_top + panel_height + 68;
  constexpr double line_height = 16;
  const std::vector<std::string> words = wrapped(result.insight, 120);
  Svg svg{words_top + line_height * static_cast<double>(words.size()) + 6};
  svg.label(left, 28,
            fmt::format("{}:{}, {} to {}", result.instrument.venue, result.instrument.symbol,
                        format_time(result.from), format_time(result.to)),
            "start", "font-size=\"14\"");
  svg.label(left, 50,
            "dot: estimate (hollow: not identified); bar: 95 % interval; shade: over the ensemble; "
            "dotted: worst and best queue",
            "start");
  draw_deltas(svg, result, variants, first_top);
  draw_curve(svg, result, second_top);
  for (std::size_t i = 0; i < words.size(); ++i)
    svg.label(left, words_top + line_height * static_cast<double>(i), words[i], "start",
              "font-size=\"11\"");
  return svg.finish();
}

}  // namespace mm::cli
