#include "tests/tidy.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

namespace mm::tidy {

namespace {

struct FolderRule {
  std::string_view folder;
  std::vector<std::string_view> may_include;  // besides itself
};

// The arrows of docs/architecture.md. cli, bench, tests and fuzz know all and are not listed.
const std::array<FolderRule, 10> folder_rules{{
    {"engine", {}},
    {"schemas", {}},
    {"strategies", {"engine"}},
    {"sim", {"engine"}},
    {"net", {"engine"}},
    {"venues", {"engine", "net"}},
    {"journal", {"engine", "schemas"}},
    {"research", {"engine", "sim", "strategies"}},
    {"standin", {"engine", "net", "sim", "venues"}},
    {"live", {"engine", "net", "journal", "venues", "sim", "strategies"}},
}};

constexpr std::array<std::string_view, 17> our_folders{
    "engine",  "schemas", "strategies", "sim",   "venues", "journal", "research", "live", "net",
    "standin", "cli",     "bench",      "tests", "fuzz",   "server",  "tools",    "web"};

struct Ban {
  std::regex pattern;
  std::string rule;
};

Ban ban(const char* pattern, std::string rule) {
  return {std::regex{pattern, std::regex::ECMAScript | std::regex::optimize}, std::move(rule)};
}

// What a fold may not use: its result would depend on the machine, the library or the moment.
const std::vector<Ban>& fold_bans() {
  static const std::vector<Ban> bans{
      ban(R"((\bstd|[^\w:>]|^)\s*::\s*(exp2?|expm1|log(2|10|1p)?|pow|cbrt|hypot)[fl]?\b)"
          R"(|(\bstd|[^\w:>]|^)\s*::\s*(a?(sin|cos|tan)h?|atan2|erfc?|[tl]gamma)[fl]?\b)",
          "libm's transcendental functions differ between CPUs; use mm::det"),
      ban(R"(\bunordered_(multi)?(map|set)\b)",
          "unordered containers iterate in the library's order; use sorted vectors"),
      ban(R"(\b(system|steady|high_resolution|utc)_clock\b|\b(clock_gettime|gettimeofday)\b)",
          "the fold has no clock; now is the event's recv_time"),
      ban(R"(\brandom_device\b|\bmt19937|\bdefault_random_engine\b|\bs?rand\s*\()"
          R"(|\b\w+_distribution\b|\bstd::shuffle\b)",
          "the library's randomness is not the same everywhere; use engine/random.hpp"),
      ban(R"(\bstd::(this_)?j?thread\b|\bstd::async\b|\bthread_local\b|\bstd::(mutex|atomic)\b)",
          "the fold runs on one thread and knows of no other"),
      ban(R"(\bstrto(d|f|ld)\b|\bstd::sto(d|f|ld)\b|\batof\s*\()",
          "parsing depends on the locale; parse decimals into integers, or use std::from_chars"),
      ban(R"(\bstd::hash\b)", "std::hash is the library's; use engine/hash.hpp"),
      ban(R"(\bgetenv\b|\bstd::[io]?fstream\b|\bfopen\s*\()",
          "the fold does no I/O and reads no environment"),
  };
  return bans;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_fold(std::string_view folder) {
  return folder == "engine" || folder == "strategies" || folder == "sim";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

bool has_word(std::string_view line, std::string_view word) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) && (end == line.size() || !is_word(line[end])))
      return true;
  }
  return false;
}

// In pieces, so that a search of the tree for the marks themselves does not end here.
const std::array<std::string, 4> left_over_marks{std::string{"TO"} + "DO",
                                                 std::string{"FIX"} + "ME", std::string{"XX"} + "X",
                                                 std::string{"HA"} + "CK"};

/// What the engine may include from outside (docs/architecture.md).
bool engine_may_take(std::string_view header) {
  const bool standard = header.find_first_of("./") == std::string_view::npos;
  return standard || header.starts_with("fmt/") || header.starts_with("Eigen/") ||
         header == "xxhash.h" || header == "boost/system/result.hpp";
}

void check_include(std::string_view path, std::string_view line, int number,
                   std::vector<Finding>& findings) {
  static const std::regex form{R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])"};
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_search(line.begin(), line.end(), match, form)) return;
  const std::string header = match[2].str();
  const std::string_view from = folder_of(path);
  const std::string_view to = folder_of(header);

  if (header.ends_with(".capnp.h")) {
    // bench has a schema of its own, to measure against.
    if (path != "journal/wire.hpp" && from != "bench")
      findings.push_back(
          {number, "only journal/wire.hpp includes generated headers, not " + header});
    return;
  }
  const bool ours = std::find(our_folders.begin(), our_folders.end(), to) != our_folders.end();
  const auto rule = std::find_if(folder_rules.begin(), folder_rules.end(),
                                 [&](const FolderRule& of) { return of.folder == from; });
  if (match[1].str() == "\"" && !ours)
    findings.push_back({number, "includes of ours start at the root of the tree, not " + header});
  if (rule == folder_rules.end()) return;
  if (ours && to != from &&
      std::find(rule->may_include.begin(), rule->may_include.end(), to) == rule->may_include.end())
    findings.push_back({number, std::string{from} + " may not include " + std::string{to} +
                                    " (docs/architecture.md): " + header});
  if (from == "engine" && !ours && !engine_may_take(header))
    findings.push_back({number,
                        "engine takes only the standard library, fmt, Eigen, xxhash.h and "
                        "boost/system/result.hpp from outside, not " +
                            header});
  if (is_fold(from) && (header == "random" || header == "thread" || header == "mutex" ||
                        header == "fstream" || header == "iostream" || header == "filesystem"))
    findings.push_back({number, "the fold has no use for <" + header + ">"});
}

bool says_total_order(const std::vector<std::string_view>& lines, std::size_t at) {
  for (std::size_t back = 0; back <= 2 && back <= at; ++back)
    if (lines[at - back].find("total order") != std::string_view::npos) return true;
  return false;
}

void check_fold(const std::vector<std::string_view>& lines, std::string_view code, std::size_t at,
                std::vector<Finding>& findings) {
  static const std::regex sorting{
      R"(\bstd::(ranges::)?(partial_)?sort\b|\bstd::(ranges::)?nth_element\b)"};
  const int number = static_cast<int>(at) + 1;
  for (const Ban& of : fold_bans())
    if (std::regex_search(code.begin(), code.end(), of.pattern))
      findings.push_back({number, of.rule});
  if (std::regex_search(code.begin(), code.end(), sorting) && !says_total_order(lines, at))
    findings.push_back(
        {number, "a sort in the fold says in a comment why its key is a total order"});
}

}  // namespace

std::string code_only(std::string_view text) {
  enum class In { code, line_comment, block_comment, string, character };
  std::string code{text};
  In in = In::code;
  std::string raw_end;  // set inside a raw string: what closes it
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (!raw_end.empty()) {
      if (text.substr(i, raw_end.size()) == raw_end) {
        i += raw_end.size() - 1;
        raw_end.clear();
      } else if (c != '\n') {
        code[i] = ' ';
      }
      continue;
    }
    switch (in) {
      case In::code:
        if (c == '/' && next == '/') in = In::line_comment;
        if (c == '/' && next == '*') in = In::block_comment;
        if (in != In::code) {
          code[i] = ' ';
          break;
        }
        if (c == '"' && i > 0 && text[i - 1] == 'R') {
          const std::size_t open = text.find('(', i);
          if (open == std::string_view::npos) break;
          raw_end = ")" + std::string{text.substr(i + 1, open - i - 1)} + "\"";
          i = open;
        } else if (c == '"') {
          in = In::string;
        } else if (c == '\'' && !(i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
          in = In::character;  // after a digit it separates thousands
        }
        break;
      case In::line_comment:
        if (c == '\n')
          in = In::code;
        else
          code[i] = ' ';
        break;
      case In::block_comment:
        if (c != '\n') code[i] = ' ';
        if (c == '*' && next == '/') {
          code[++i] = ' ';
          in = In::code;
        }
        break;
      case In::string:
      case In::character:
        if (c == (in == In::string ? '"' : '\'') || c == '\n') {
          in = In::code;
        } else {
          code[i] = ' ';
          if (c == '\\' && next != '\n' && next != '\0') code[++i] = ' ';
        }
        break;
    }
  }
  return code;
}

std::vector<Finding> check(std::string_view path, std::string_view text) {
  constexpr std::size_t most_columns = 100;
  constexpr std::size_t most_lines = 600;
  std::vector<Finding> findings;
  const std::string code_text = code_only(text);
  const std::vector<std::string_view> lines = lines_of(text);
  const std::vector<std::string_view> code = lines_of(code_text);
  const bool fold = is_fold(folder_of(path));

  for (std::size_t at = 0; at < lines.size(); ++at) {
    const int number = static_cast<int>(at) + 1;
    const std::string_view line = lines[at];
    // A raw literal is a captured frame or a pattern, and is not broken for its length.
    const bool raw_literal = code[at].find("R\"") != std::string_view::npos;
    if (columns(line) > most_columns && !raw_literal)
      findings.push_back({number, "longer than 100 columns"});
    if (line.find('\t') != std::string_view::npos) findings.push_back({number, "a tab"});
    for (const std::string& mark : left_over_marks)
      if (has_word(line, mark)) findings.push_back({number, "left over: " + mark});
    // The name of a header is a literal and blank in `code`; that it is a directive shows there.
    if (code[at].find('#') != std::string_view::npos) check_include(path, line, number, findings);
    if (fold) check_fold(lines, code[at], at, findings);
  }
  if (lines.size() > most_lines)
    findings.push_back({static_cast<int>(lines.size()), "longer than 600 lines: is it one idea?"});
  return findings;
}

}  // namespace mm::tidy
