#pragma once

// Journals on disk for the goals that need them: recorded with the real writer, thrown away after.

#include <filesystem>
#include <string>
#include <vector>

#include "bench/recording.hpp"
#include "engine/types.hpp"

namespace mm::bench {

/// A directory of this process below `parent`, removed with everything in it at the end.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(const std::string& parent);
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();

  /// A name in it that was not given out before.
  std::filesystem::path fresh();

 private:
  std::filesystem::path path_;
  std::size_t given_ = 0;
};

/// Records the events `times` times in a row, as one session of a core without trading: each time
/// later than the one before, a checkpoint every 64 blocks.
void record_repeatedly(const std::filesystem::path& dir, const Recording& recording,
                       std::size_t times);

/// Records the events once, as a session that `mmctl replay` folds again with strategy `none`: its
/// start in front of them, no checkpoints.
void record_session(const std::filesystem::path& dir, const Recording& recording);

/// Where a block of records stands.
struct BlockOnDisk {
  std::filesystem::path file;
  std::uint64_t payload_offset = 0;  ///< of the zstd frame
  std::uint32_t payload_bytes = 0;
  std::uint32_t raw_bytes = 0;
  Time first_time;
};

/// The blocks of records of a journal that was closed, in order.
std::vector<BlockOnDisk> blocks_on_disk(const std::filesystem::path& dir);

}  // namespace mm::bench
