#pragma once

// The tail: where a record is from the moment it is accepted until it is in a block.
//
// A mapped, prefaulted ring file. The accepting thread writes each record in place, with a
// checksum, and publishes it by moving `published`; the writer thread reads the same memory and,
// once the records are in a block, frees their room by moving `consumed`. The page cache belongs to
// the kernel, so a killed process loses nothing. Nobody ever syncs this file: for power loss the
// writer thread keeps a copy of the unsealed part in the sync file.
//
//   file   = 4096-byte header, ring of `capacity` bytes (a multiple of 4096)
//   header = 0 u64 magic, 8 u32 version, 12 u32 zero, 16 journal uuid, 32 session uuid,
//            48 u64 session number, 56 u64 capacity, 64 u64 XXH3-64 of bytes 0..63,
//            128 u64 published, 192 u64 consumed
//   entry  = 0 u32 type, 4 u32 bytes in all (a multiple of 8), 8 u64 position,
//            16 u64 XXH3-64 of the payload with seed f(bytes 0..15), 24 payload
//
// Positions count every byte ever written; an entry at position p stands at p modulo capacity and
// may run over the end of the ring to its start. An entry of an earlier lap has another position,
// so old bytes are never taken for new ones and nothing needs to be zeroed.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "journal/file.hpp"
#include "journal/format.hpp"

namespace mm::journal {

enum class TailEntry : std::uint32_t {
  record = 0x31524d54u,  // "TMR1": canonical record
  raw = 0x31574d54u,  // "TMW1": i64 recv_time, u64 next seq, u64 number, u32 feed, u32 size, bytes
};

inline constexpr std::size_t tail_header_bytes = 4096;
inline constexpr std::size_t tail_entry_header_bytes = 24;
inline constexpr std::size_t raw_entry_header_bytes = 32;

/// Fills in the 24 bytes in front of the `payload_bytes` that stand at `entry` + 24.
inline void seal_entry(std::byte* entry, TailEntry type, std::uint64_t position,
                       std::size_t payload_bytes) {
  const std::uint32_t size = static_cast<std::uint32_t>(tail_entry_header_bytes + payload_bytes);
  const std::uint64_t word = std::uint64_t{size} << 32 | static_cast<std::uint32_t>(type);
  const std::uint64_t seed = word ^ position * 0x9e3779b97f4a7c15u;
  const std::uint64_t checksum = hash64({entry + tail_entry_header_bytes, payload_bytes}, seed);
  std::memcpy(entry, &word, 8);
  std::memcpy(entry + 8, &position, 8);
  std::memcpy(entry + 16, &checksum, 8);
}

struct TailIdentity {
  Uuid journal{};
  Uuid session{};
  std::uint64_t session_number = 0;
};

std::array<std::byte, 72> encode_tail_header(const TailIdentity& identity, std::uint64_t capacity);
struct TailHeader {
  TailIdentity identity;
  std::uint64_t capacity = 0;
};
std::optional<TailHeader> decode_tail_header(std::span<const std::byte> bytes);

/// The ring as its writing process sees it. append side: one thread; consume side: one other
/// thread.
class Tail {
 public:
  /// Creates the file (temporary name, sync, move) and maps it. Throws.
  Tail(Disk& disk, const std::filesystem::path& dir, const TailIdentity& identity,
       std::size_t capacity);
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  std::size_t capacity() const { return capacity_; }

  // ---- accepting thread

  /// Room for an entry with `payload_bytes`, or null while the ring is too full.
  std::byte* reserve(std::size_t payload_bytes) {
    const std::size_t size = tail_entry_header_bytes + payload_bytes;
    if (head_ + size - known_consumed_ > capacity_) [[unlikely]] {
      known_consumed_ = consumed().load(std::memory_order_acquire);
      if (head_ + size - known_consumed_ > capacity_) return nullptr;
    }
    return ring_ + head_ % capacity_;
  }
  /// Publishes the entry whose payload now stands at `entry` + 24.
  void publish(std::byte* entry, TailEntry type, std::size_t payload_bytes) {
    seal_entry(entry, type, head_, payload_bytes);
    head_ += tail_entry_header_bytes + payload_bytes;
    published().store(head_, std::memory_order_release);
  }
  std::uint64_t head() const { return head_; }
  bool fits(std::size_t payload_bytes) const {
    return payload_bytes <= capacity_ - tail_entry_header_bytes;
  }

  // ---- writer thread

  std::uint64_t published_position() const { return published().load(std::memory_order_acquire); }
  /// The bytes [from, to) of the ring, contiguous in memory.
  std::span<const std::byte> view(std::uint64_t from, std::uint64_t to) const {
    return {ring_ + from % capacity_, static_cast<std::size_t>(to - from)};
  }
  /// Frees everything before `position`.
  void release(std::uint64_t position) { consumed().store(position, std::memory_order_release); }
  /// Makes the pages the accepting thread comes to next writable again if the kernel has written
  /// them back meanwhile: writing back write-protects a page, and the fault is better taken here.
  void keep_writable();

  /// Unmaps and removes the file.
  void remove();

 private:
  std::atomic_ref<std::uint64_t> published() const {
    return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(base_ + 128)};
  }
  std::atomic_ref<std::uint64_t> consumed() const {
    return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(base_ + 192)};
  }

  std::filesystem::path path_;
  std::byte* base_ = nullptr;  // header, then the ring twice
  std::byte* ring_ = nullptr;
  std::size_t capacity_ = 0;
  alignas(64) std::uint64_t head_ = 0;  // accepting thread
  std::uint64_t known_consumed_ = 0;
  alignas(64) std::uint64_t kept_writable_ = 0;  // writer thread
};

/// One intact entry found in a tail or sync file.
struct FoundEntry {
  std::uint64_t position = 0;
  TailEntry type = TailEntry::record;
  std::span<const std::byte> payload;
};

/// An entry at `bytes`, checksum and all; empty otherwise.
std::optional<FoundEntry> entry_at(std::span<const std::byte> bytes);

/// What a tail or sync file holds, read by another process or after its writer's death. Owns a
/// copy.
class TailImage {
 public:
  /// Of `dir`'s tail file. For a writer that lives: a consistent prefix of what was accepted, at
  /// least everything accepted before the call that is not in a block. Empty if there is no such
  /// file or its header is not intact (`damaged` says which).
  static TailImage of_tail(const std::filesystem::path& dir);
  static TailImage of_sync(const std::filesystem::path& dir);

  bool present = false;  ///< the file exists
  bool damaged = false;  ///< its header is not intact
  bool stray = false;    ///< bytes of the header page that must be zero are not
  std::optional<TailHeader> header;
  std::uint64_t published = 0;
  std::uint64_t consumed = 0;
  std::uint64_t file_bytes = 0;
  /// Intact entries by ascending position. Those already in blocks may be among them.
  std::vector<FoundEntry> entries;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace mm::journal
