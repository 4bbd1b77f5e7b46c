#pragma once

// The house rules a compiler does not know, as a function from a file's text to findings.
//
// - Who may include whom (docs/architecture.md), and what the engine takes from outside.
// - engine, strategies and sim: nothing that makes a replay depend on anything but the journal.
// - Everywhere: 100 columns, 600 lines, no tabs, nothing left over.
//
// Comments and the contents of literals are blanked before the code rules look, so a comment may
// name what the code may not. A `std::sort` is allowed where its line or one of the two before it
// says "total order" in a comment: ties would be broken by the library.

#include <string>
#include <string_view>
#include <vector>

namespace mm::tidy {

struct Finding {
  int line = 0;      // from 1
  std::string rule;  // what is wrong, as a sentence for the reader
  bool operator==(const Finding&) const = default;
};

/// Checks one C++ file. `path` is relative to the root of the tree and says which rules apply.
/// Findings come in the order of their lines.
std::vector<Finding> check(std::string_view path, std::string_view text);

/// The same text with comments and the contents of string and character literals as spaces;
/// newlines stay, so positions do not move.
std::string code_only(std::string_view text);

}  // namespace mm::tidy
