#include "journal/writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "engine/assert.hpp"
#include "journal/index_fill.hpp"
#include "journal/lock.hpp"
#include "journal/recover.hpp"
#include "journal/writer_thread.hpp"

namespace mm::journal {
namespace {

constexpr std::size_t largest_entry = std::size_t{16} << 20;
constexpr std::size_t smallest_tail = std::size_t{64} << 10;
constexpr std::uint64_t largest_preallocation = std::uint64_t{64} << 20;

/// A file-size limit is reported as EFBIG; without this the kernel kills the process instead.
void ignore_file_size_signal() {
  struct sigaction now {};
  if (::sigaction(SIGXFSZ, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
    std::signal(SIGXFSZ, SIG_IGN);
}

void prepare_directory(const std::filesystem::path& dir) {
  std::error_code error;
  if (!std::filesystem::exists(dir, error)) {
    std::filesystem::create_directories(dir, error);
    if (error) throw io_error("create", dir, error.value());
    return;
  }
  if (!std::filesystem::is_directory(dir, error))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write {}: it is not a directory; name another with "
                            "--journal",
                            dir.string())};
  bool empty = true;
  for (const auto& entry : std::filesystem::directory_iterator{dir, error}) {
    const std::string name = entry.path().filename().string();
    if (name == lock_name || name.ends_with(segment_extension)) return;
    empty = false;
  }
  if (error) throw io_error("read", dir, error.value());
  if (!empty)
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write {}: it holds other files and no journal; name "
                            "an empty or new directory with --journal",
                            dir.string())};
}

Uuid uuid_or_random(const std::string& text) {
  if (text.empty()) return random_uuid();
  const auto uuid = uuid_from_hex(text);
  MM_ASSERT(uuid.has_value(), "an id is 32 hexadecimal digits");
  return *uuid;
}

BlockLogOptions log_options(const WriterOptions& options) {
  return {.segment_bytes = options.segment_bytes,
          .preallocate_bytes = std::min(options.preallocate_bytes, largest_preallocation),
          .block_rows = options.block_rows,
          .compression_level = options.compression_level,
          .keep_unsynced = options.sync.mode != SyncPolicy::Mode::none};
}

}  // namespace

struct JournalWriter::Impl {
  std::filesystem::path dir;
  WriterOptions options;
  std::optional<WriterLock> lock;
  RecoveryReport recovery;
  std::string session_id;
  std::uint64_t session_number = 0;
  std::unique_ptr<IndexWriter> index;
  std::optional<Tail> tail;
  std::optional<SyncFile> sync_file;
  std::optional<detail::WriterThread> thread;
  bool always_sync = false;

  Seq next_seq;
  std::uint64_t next_raw = 0;
  Time last_time = time_from_ns(INT64_MIN);
  std::uint64_t blocked = 0;
  std::optional<WriterSummary> summary;

  void open();
  std::byte* room_for(std::size_t payload);
  template <class EventOrOutput>
  Seq accept(const EventOrOutput& record);
  [[noreturn]] void refuse(const EventHeader& header);
};

void JournalWriter::Impl::open() {
  ignore_file_size_signal();
  prepare_directory(dir);
  lock.emplace(dir);
  Disk& disk = options.disk != nullptr ? *options.disk : real_disk();
  options.tail_bytes = std::max(options.tail_bytes, smallest_tail);
  recovery = detail::recover(disk, dir, log_options(options));
  LogState start = detail::next_session(dir, uuid_or_random(options.journal_id));
  start.segment.session = uuid_or_random(options.session_id);
  start.segment.started = options.started.value_or(
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  start.segment.build = options.build;
  session_number = start.segment.session_number;
  session_id = to_hex(start.segment.session);

  index = std::make_unique<IndexWriter>(dir, start.next_block);
  if (index->fresh() && start.next_block != 0)
    detail::fill_index(*index, std::make_shared<detail::Catalog>(dir, true));
  // The tail exists before the segment: a segment without an end block always has one.
  const TailIdentity identity{.journal = start.segment.journal,
                              .session = start.segment.session,
                              .session_number = session_number};
  tail.emplace(disk, dir, identity, options.tail_bytes);
  sync_file.emplace(disk, dir, identity);
  BlockLog log = BlockLog::begin(disk, dir, std::move(start), log_options(options));
  always_sync = options.sync.mode == SyncPolicy::Mode::always;
  thread.emplace(*tail, std::move(log), *sync_file, index.get(), options);
}

std::byte* JournalWriter::Impl::room_for(std::size_t payload) {
  if (std::byte* entry = tail->reserve(payload)) [[likely]]
    return entry;
  if (!tail->fits(payload) || payload > largest_entry)
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write a record of {} bytes: the tail holds {}",
                            payload, std::min(tail->capacity(), largest_entry))};
  ++blocked;
  for (;;) {
    if (thread->failed()) thread->throw_failure();
    if (std::byte* entry = tail->reserve(payload)) return entry;
    thread->wait_for_room();
  }
}

void JournalWriter::Impl::refuse(const EventHeader& header) {
  MM_ASSERT(!summary, "nothing is appended to a closed journal");
  if (thread->failed()) thread->throw_failure();
  throw Error{
      ErrorKind::data,
      header.recv_time < last_time
          ? fmt::format("journal: cannot write record {}: its time {} is before that of the "
                        "record before it, {}",
                        next_seq.value, to_ns(header.recv_time), to_ns(last_time))
          : fmt::format("journal: cannot write record {}: instrument {} is above the limit "
                        "of {}",
                        next_seq.value, header.instrument.value, max_instruments - 1)};
}

template <class EventOrOutput>
Seq JournalWriter::Impl::accept(const EventOrOutput& record) {
  if (thread->failed() || record.header.recv_time < last_time ||
      record.header.instrument.value >= max_instruments || summary) [[unlikely]]
    refuse(record.header);
  const std::size_t bytes = record_bytes(record);
  std::byte* entry = room_for(bytes);
  const Seq seq = next_seq;
  write_record_at(entry + tail_entry_header_bytes, record, seq);
  tail->publish(entry, TailEntry::record, bytes);
  last_time = record.header.recv_time;
  next_seq = Seq{seq.value + 1};
  if (always_sync) thread->wait_durable(next_seq);
  return seq;
}

JournalWriter::JournalWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalWriter::JournalWriter(JournalWriter&&) noexcept = default;

JournalWriter::~JournalWriter() {
  if (!impl_) return;
  try {
    close();
  } catch (const std::exception&) {
    // The records are in the tail; the next writer seals them.
  }
}

JournalWriter JournalWriter::open(const std::filesystem::path& dir, const WriterOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->dir = dir;
  impl->options = options;
  impl->open();
  return JournalWriter{std::move(impl)};
}

Seq JournalWriter::append(const Event& event) {
  return impl_->accept(event);
}
Seq JournalWriter::append(const Output& output) {
  return impl_->accept(output);
}
Seq JournalWriter::next_seq() const {
  return impl_->next_seq;
}

void JournalWriter::add_checkpoint(Seq at, std::span<const std::byte> state,
                                   std::uint64_t state_digest) {
  MM_ASSERT(at == impl_->next_seq, "a checkpoint stands at the next record");
  if (impl_->thread->failed()) impl_->thread->throw_failure();
  if (state.size() > block_raw_limit - checkpoint_head_bytes)
    throw Error{ErrorKind::data, fmt::format("journal: cannot write a checkpoint of {} bytes: the "
                                             "limit is {}",
                                             state.size(), block_raw_limit)};
  impl_->thread->add_checkpoint(at, state, state_digest);
}

void JournalWriter::add_raw(Time recv_time, std::uint32_t feed, std::span<const std::byte> bytes) {
  if (impl_->thread->failed()) impl_->thread->throw_failure();
  const std::size_t payload = raw_entry_header_bytes + padded8(bytes.size());
  std::byte* entry = impl_->room_for(payload);
  MemoryWriter out{entry + tail_entry_header_bytes};
  out.put_i64(to_ns(recv_time));
  out.put_u64(impl_->next_seq.value);
  out.put_u64(impl_->next_raw++);
  out.put_u64(std::uint64_t{bytes.size()} << 32 | feed);
  out.put_padded(bytes.data(), bytes.size());
  impl_->tail->publish(entry, TailEntry::raw, payload);
}

void JournalWriter::flush() {
  impl_->thread->flush();
}

WriterSummary JournalWriter::close() {
  if (impl_->summary) return *impl_->summary;
  impl_->thread->stop();
  const BlockLog& log = impl_->thread->log();
  const LogState& state = log.state();
  impl_->summary = WriterSummary{.inputs = state.totals.inputs,
                                 .outputs = state.totals.outputs,
                                 .input_digest = state.input.value(),
                                 .output_digest = state.output.value(),
                                 .blocks = log.blocks_written(),
                                 .segments = log.segments_written(),
                                 .blocked_appends = impl_->blocked};
  impl_->tail->remove();
  impl_->sync_file->remove();
  sync_directory(impl_->dir);
  impl_->index->close(state.segment.number + 1, state.next_block);
  impl_->lock.reset();
  return *impl_->summary;
}

Seq JournalWriter::durable_seq() const {
  return impl_->thread->durable_seq();
}
std::uint64_t JournalWriter::blocked_appends() const {
  return impl_->blocked;
}
std::uint64_t JournalWriter::session_number() const {
  return impl_->session_number;
}
const std::string& JournalWriter::session_id() const {
  return impl_->session_id;
}
const RecoveryReport& JournalWriter::recovery() const {
  return impl_->recovery;
}

}  // namespace mm::journal
