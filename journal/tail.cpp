#include "journal/tail.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "journal/fixed_layout.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace mm::journal {
namespace {

constexpr std::uint64_t tail_magic = 0x314c4941'544d4dull;  // "MMTAIL1"
constexpr std::size_t page_bytes = 4096;
constexpr std::uint64_t writable_ahead_bytes = std::uint64_t{512} << 10;

bool is_entry_type(std::uint32_t word) {
  return word == static_cast<std::uint32_t>(TailEntry::record) ||
         word == static_cast<std::uint32_t>(TailEntry::raw);
}

// Intact entries of `bytes`. In a ring (capacity > 0) only the first `capacity` bytes hold starts.
void collect(std::span<const std::byte> bytes, std::uint64_t capacity,
             std::vector<FoundEntry>& entries) {
  const std::size_t end = capacity == 0 ? bytes.size() : capacity;
  for (std::size_t at = 0; at + tail_entry_header_bytes <= end || (capacity != 0 && at < end);) {
    if (is_entry_type(get<std::uint32_t>(bytes.data() + at))) {
      const auto found = entry_at(bytes.subspan(at));
      if (found && (capacity == 0 || found->position % capacity == at)) {
        entries.push_back(*found);
        at += tail_entry_header_bytes + found->payload.size();
        continue;
      }
    }
    at += 8;
  }
  std::sort(entries.begin(), entries.end(),
            [](const FoundEntry& a, const FoundEntry& b) { return a.position < b.position; });
}

// Holes below `published` were overwritten after their records went into blocks, or are damaged.
// Behind it, only what follows without a hole counts: a record the writer finished but did not live
// to publish, or everything if `published` itself is damaged; behind a hole the writer, still
// alive, went on while we were copying.
void cut_at_hole(std::vector<FoundEntry>& entries, std::uint64_t published) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const FoundEntry& last = entries[i - 1];
    const std::uint64_t end = last.position + tail_entry_header_bytes + last.payload.size();
    if (entries[i].position >= published && entries[i].position != end) {
      entries.resize(i);
      return;
    }
  }
}

}  // namespace

std::array<std::byte, 72> encode_tail_header(const TailIdentity& identity, std::uint64_t capacity) {
  std::array<std::byte, 72> bytes{};
  put(bytes.data(), tail_magic);
  put(bytes.data() + 8, format_version);
  put(bytes.data() + 16, identity.journal);
  put(bytes.data() + 32, identity.session);
  put(bytes.data() + 48, identity.session_number);
  put(bytes.data() + 56, capacity);
  put(bytes.data() + 64, hash64({bytes.data(), 64}));
  return bytes;
}

std::optional<TailHeader> decode_tail_header(std::span<const std::byte> bytes) {
  if (bytes.size() < 72 || get<std::uint64_t>(bytes.data()) != tail_magic ||
      get<std::uint64_t>(bytes.data() + 64) != hash64(bytes.first(64)) ||
      get<std::uint32_t>(bytes.data() + 8) != format_version)
    return std::nullopt;
  TailHeader header;
  header.identity.journal = get<Uuid>(bytes.data() + 16);
  header.identity.session = get<Uuid>(bytes.data() + 32);
  header.identity.session_number = get<std::uint64_t>(bytes.data() + 48);
  header.capacity = get<std::uint64_t>(bytes.data() + 56);
  return header;
}

std::optional<FoundEntry> entry_at(std::span<const std::byte> bytes) {
  if (bytes.size() < tail_entry_header_bytes) return std::nullopt;
  const auto word = get<std::uint64_t>(bytes.data());
  const std::uint64_t size = word >> 32;
  if (!is_entry_type(static_cast<std::uint32_t>(word)) || size % 8 != 0 ||
      size < tail_entry_header_bytes || size > bytes.size())
    return std::nullopt;
  FoundEntry found;
  found.type = static_cast<TailEntry>(static_cast<std::uint32_t>(word));
  found.position = get<std::uint64_t>(bytes.data() + 8);
  found.payload = bytes.subspan(tail_entry_header_bytes, size - tail_entry_header_bytes);
  const std::uint64_t seed = word ^ found.position * 0x9e3779b97f4a7c15u;
  if (hash64(found.payload, seed) != get<std::uint64_t>(bytes.data() + 16)) return std::nullopt;
  return found;
}

Tail::Tail(Disk& disk, const std::filesystem::path& dir, const TailIdentity& identity,
           std::size_t capacity)
    : path_(dir / tail_name), capacity_((capacity + page_bytes - 1) / page_bytes * page_bytes) {
  std::filesystem::path temporary = path_;
  temporary += temporary_extension;
  File file = File::open(temporary, O_RDWR | O_CREAT | O_TRUNC);
  const std::size_t total = tail_header_bytes + capacity_;
  // A page that has no block on disk yet would kill us with SIGBUS when the disk is full.
  if (disk.fallocate(file.fd(), 0, static_cast<off_t>(total)) != 0) {
    if (errno != EOPNOTSUPP) {
      const int error = errno;
      ::unlink(temporary.c_str());
      throw io_error("write", path_, error);
    }
    const std::vector<std::byte> zeros(total);
    file.write_at(disk, zeros, 0);
  }
  file.write_at(disk, encode_tail_header(identity, capacity_), 0);
  file.sync_all();
  if (::rename(temporary.c_str(), path_.c_str()) != 0) throw io_error("write", path_, errno);
  sync_directory(dir);

  // The ring is mapped twice in a row, so an entry that runs over its end is contiguous in memory.
  void* room = ::mmap(nullptr, total + capacity_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw io_error("map", path_, errno);
  base_ = static_cast<std::byte*>(room);
  ring_ = base_ + tail_header_bytes;
  const auto map = [&](std::byte* at, std::size_t size, std::size_t offset) {
    if (::mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file.fd(),
               static_cast<off_t>(offset)) == MAP_FAILED)
      throw io_error("map", path_, errno);
  };
  map(base_, total, 0);
  map(ring_ + capacity_, capacity_, tail_header_bytes);
  if (::madvise(base_, total + capacity_, MADV_POPULATE_WRITE) != 0) {
    for (std::size_t at = tail_header_bytes; at < total + capacity_; at += page_bytes)
      *reinterpret_cast<volatile std::byte*>(base_ + at) = std::byte{0};
  }
}

Tail::~Tail() {
  if (base_ != nullptr) ::munmap(base_, tail_header_bytes + 2 * capacity_);
}

void Tail::remove() {
  ::unlink(path_.c_str());
}

void Tail::keep_writable() {
  const std::uint64_t from = published_position();
  if (from == kept_writable_) return;
  kept_writable_ = from;
  const std::uint64_t start = from / page_bytes * page_bytes;
  const std::uint64_t end = start + std::min<std::uint64_t>(writable_ahead_bytes, capacity_);
  for (std::uint64_t at = start; at < end;) {
    const std::uint64_t offset = at % capacity_;
    const std::uint64_t size = std::min(end - at, capacity_ - offset);
    ::madvise(ring_ + offset, static_cast<std::size_t>(size), MADV_POPULATE_WRITE);
    at += size;
  }
}

TailImage TailImage::of_tail(const std::filesystem::path& dir) {
  TailImage image;
  const File file = File::try_open(dir / tail_name, O_RDONLY);
  if (!file.is_open()) return image;
  image.present = true;
  image.file_bytes = file.size();
  std::vector<std::byte> head(tail_header_bytes);
  const std::size_t got = file.read_at(head, 0);
  image.header = decode_tail_header(std::span{head}.first(got));
  const std::uint64_t capacity = image.header ? image.header->capacity : 0;
  if (!image.header || got < tail_header_bytes || capacity == 0 ||
      capacity > image.file_bytes - tail_header_bytes) {
    image.damaged = true;
    image.header.reset();
    return image;
  }
  const std::span<const std::byte> page{head};
  image.stray = !all_zero(page.subspan(72, 56)) || !all_zero(page.subspan(136, 56)) ||
                !all_zero(page.subspan(200));
  image.published = get<std::uint64_t>(head.data() + 128);
  image.consumed = get<std::uint64_t>(head.data() + 192);
  // The copy takes in the ring and its start once more, for the entry that runs over the end.
  image.bytes_.resize(2 * capacity);
  file.read_at(std::span{image.bytes_}.first(capacity), tail_header_bytes);
  std::memcpy(image.bytes_.data() + capacity, image.bytes_.data(), capacity);
  collect(image.bytes_, capacity, image.entries);
  cut_at_hole(image.entries, image.published);
  return image;
}

TailImage TailImage::of_sync(const std::filesystem::path& dir) {
  TailImage image;
  const std::filesystem::path path = dir / sync_name;
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return image;
  image.present = true;
  image.bytes_ = read_whole(path);
  image.file_bytes = image.bytes_.size();
  image.header = decode_tail_header(image.bytes_);
  if (!image.header) {
    image.damaged = image.bytes_.size() != 0;
    return image;
  }
  collect(std::span{image.bytes_}.subspan(72), 0, image.entries);
  return image;
}

}  // namespace mm::journal
