#pragma once

// Checking a journal from end to end, repairing its index, and saving what is left of a damaged
// one.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "journal/damage.hpp"
#include "journal/reader.hpp"

namespace mm::journal {

/// Called now and then with the bytes done and the bytes in all; may be empty.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Problem {
  std::string file;  ///< name inside the journal directory, or the directory
  std::uint64_t offset = 0;
  std::string what;
  std::string action;
};

struct Verification {
  bool ok = false;
  bool readable = false;  ///< false if there is no journal to check, or none that can be opened
  std::uint64_t segments = 0;
  std::uint64_t blocks = 0;
  std::uint64_t events = 0;  ///< inputs
  std::uint64_t outputs = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t raw_frames = 0;
  std::vector<Problem> problems;
  std::vector<std::string> notes;  ///< unsealed tail, index to be rebuilt, recovered sessions
};

/// Reads every byte: checksums, chain, contiguous numbers, order of times, digests of the records
/// as decoded, checkpoints, zeros behind the end, missing, doubled, renamed and alien files.
/// Reports everything it finds and never throws for what it finds; `ok` means no problem. A damaged
/// index or an unsealed tail is a note.
///
/// With `ahead` a second thread reads and decompresses; nothing in the result depends on it.
Verification verify(const std::filesystem::path& dir, const Progress& progress = {},
                    ReadAhead ahead = ReadAhead::no);

/// Writes the index anew from the segments. Needs the lock (throws if a writer holds it).
void rebuild_index(const std::filesystem::path& dir);

struct SalvageReport {
  std::uint64_t sessions = 0;
  std::uint64_t records = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t raw_frames = 0;
  std::vector<Damage> lost;  ///< what could not be saved
};

/// Writes a new, valid journal to `out` (which must not exist or be empty) with everything of `dir`
/// that can be read. The records behind a gap are numbered on without it. In its place stands a
/// FeedStatus event with state `gap` for every instrument seen so far, whose ids are the lost
/// numbers [expected_id, found_id): no book is trusted across a hole.
SalvageReport salvage(const std::filesystem::path& dir, const std::filesystem::path& out,
                      const Progress& progress = {});

}  // namespace mm::journal
