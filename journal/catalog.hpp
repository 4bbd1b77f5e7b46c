#pragma once

// Catalog: what stands where in a journal directory, as found when it was opened.
//
// Files are told by their headers, not by their names; a name that does not fit is reported. A
// segment whose own header is destroyed is still used, from what its blocks carry.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/block_codec.hpp"
#include "journal/block_header.hpp"
#include "journal/damage.hpp"
#include "journal/file.hpp"
#include "journal/index.hpp"
#include "journal/reader.hpp"
#include "journal/segment.hpp"
#include "journal/tail.hpp"

namespace mm::journal::detail {

/// Headers of a segment's blocks, as needed to find one.
struct BlockEntry {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t number = 0;
  std::uint64_t header_checksum = 0;
  BlockType type = BlockType::records;
  bool has_markers = false;
  Seq first_seq;
  Seq end_seq;
  Time first_time;
};

/// Where a log ends and what the next block would continue from.
struct LogEnd {
  std::uint64_t offset = segment_header_bytes;
  Seq next_seq;
  std::uint64_t next_block = 0;
  std::uint64_t next_raw = 0;
  Digest128 chain;
  Digests digests;
  Time last_time;
  SessionTotals totals;
  Seq durable_seq;
  bool clean = true;  ///< nothing but zeros behind it, no damage before it
};

struct SegmentMap {
  std::vector<BlockEntry> blocks;
  std::vector<Damage> damages;
  /// A half-written block stands at end.offset, with nothing behind it: what a killed writer
  /// leaves.
  bool torn = false;
  std::string torn_what;
  KindCounts counts;
  std::uint64_t rows = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t checkpoint_bytes = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t raw_frames = 0;
  LogEnd end;
};

struct SegmentFile {
  std::string name;
  SegmentHeader header;
  bool header_intact = true;
  std::uint64_t bytes = 0;
  std::optional<BlockHeader> end_block;  ///< if the file ends with one
  SessionTotals end_totals;
  std::uint64_t block_limit = UINT64_MAX;  ///< blocks from here on are repeated in the next segment
};

/// Records and raw frames of the last session that are not in a block yet.
struct TailContent {
  struct Item {
    Seq seq;
    std::span<const std::byte> canonical;
  };
  struct Raw {
    Time recv_time;
    Seq next_seq;
    std::uint64_t number = 0;
    std::uint32_t feed = 0;
    std::span<const std::byte> bytes;
  };
  TailImage tail;
  TailImage sync;
  bool ours = false;          ///< the files belong to the last session
  std::vector<Item> records;  ///< ascending; a gap between two is a damaged place
  std::vector<Raw> raw;
  Digests digests;  ///< after the last record
  std::vector<Damage> damages;
};

struct SessionFiles {
  SessionInfo info;
  std::vector<std::size_t> segments;  ///< into Catalog::segments, in order
  Seq block_end;                      ///< records in blocks end here
};

class Catalog {
 public:
  /// Throws mm::Error if there is no journal. Damage does not throw. `own_lock`: the caller holds
  /// the writer's lock, so no writer lives, and no index is opened.
  explicit Catalog(std::filesystem::path dir, bool own_lock = false);

  const std::filesystem::path& dir() const { return dir_; }
  const std::vector<SegmentFile>& segments() const { return segments_; }
  const std::vector<SessionFiles>& sessions() const { return sessions_; }
  const std::vector<SessionInfo>& session_infos() const { return infos_; }
  const std::vector<Damage>& damages() const { return damages_; }
  const TailContent& tail() const { return tail_; }
  const IndexReader* index() const { return index_.get(); }
  const std::vector<std::string>& strangers() const { return strangers_; }
  const SessionFiles& files_of(const SessionInfo& session) const;
  bool live() const { return live_; }
  const Uuid& journal() const { return journal_; }

  /// Scanned on first use, then kept.
  const SegmentMap& map(std::size_t segment) const;
  std::shared_ptr<const File> open_segment(std::size_t segment) const;
  std::uint32_t tag() const { return tag_; }

 private:
  void read_directory();
  void inspect_segment(const std::string& name);
  std::unique_ptr<SegmentMap> scan(std::size_t segment, const File& file,
                                   std::uint64_t stop_at) const;
  bool infer_header(SegmentFile& segment, const File& file) const;
  void settle_identity();
  void order_segments();
  void build_sessions();
  void finish_session(SessionFiles& session, bool last);
  void read_tail();
  void place_tail(SessionFiles& session);
  void note(std::string file, std::uint64_t offset, std::string what, std::string action,
            Seq first = {}, Seq end = {});

  std::filesystem::path dir_;
  Uuid journal_{};
  std::uint32_t tag_ = 0;
  bool live_ = false;
  bool has_lock_ = false;
  Seq live_end_;  ///< of the session being written: what was accepted when we looked
  std::vector<std::string> segment_names_;
  std::vector<std::string> strangers_;
  std::vector<SegmentFile> segments_;
  std::vector<SessionFiles> sessions_;
  std::vector<SessionInfo> infos_;
  std::vector<Damage> damages_;
  TailContent tail_;
  std::unique_ptr<IndexReader> index_;

  mutable std::recursive_mutex mutex_;  // the map of a segment may need that of the one before it
  mutable std::vector<std::unique_ptr<SegmentMap>> maps_;
  mutable std::vector<std::shared_ptr<const File>> open_files_;
};

/// True if a writer holds the lock of `dir` now.
bool is_locked(const std::filesystem::path& dir);

/// What to advise about a damaged place.
inline constexpr const char* salvage_advice =
    "'mmctl verify --salvage OUT' keeps everything that can be read";

}  // namespace mm::journal::detail
