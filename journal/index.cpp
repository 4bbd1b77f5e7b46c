#include "journal/index.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <mutex>
#include <utility>

#include "engine/hash.hpp"
#include "journal/file.hpp"

namespace mm::journal {
namespace {

constexpr std::uint64_t mark_magic = 0x31584449'4d4d4d4dull;  // "MMMMIDX1"
constexpr std::size_t map_bytes = std::size_t{1} << 30;
constexpr const char* mark_name = "clean";

struct Databases {
  MDB_dbi blocks = 0;
  MDB_dbi times = 0;
  MDB_dbi checkpoints = 0;
  MDB_dbi markers = 0;
  MDB_dbi sessions = 0;
};

// Keys are compared as bytes, so numbers stand big-endian and signed ones with the sign flipped.
struct Key {
  std::array<std::byte, 24> bytes{};
  std::size_t size = 0;

  Key& add(std::uint64_t value) {
    const std::uint64_t big = __builtin_bswap64(value);
    std::memcpy(bytes.data() + size, &big, 8);
    size += 8;
    return *this;
  }
  Key& add_signed(std::int64_t value) {
    return add(static_cast<std::uint64_t>(value) ^ std::uint64_t{1} << 63);
  }
  MDB_val val() { return {size, bytes.data()}; }
};

std::uint64_t number_in(const MDB_val& key, std::size_t index) {
  std::uint64_t big = 0;
  std::memcpy(&big, static_cast<const std::byte*>(key.mv_data) + 8 * index, 8);
  return __builtin_bswap64(big);
}

std::uint64_t entry_checksum(const MDB_val& key, std::span<const std::byte> value) {
  const std::uint64_t seed = hash64({static_cast<const std::byte*>(key.mv_data), key.mv_size});
  return hash64(value, seed);
}

/// Value of `words` words, its checksum behind it.
template <std::size_t words>
struct Value {
  std::array<std::uint64_t, words + 1> word{};

  void seal(const MDB_val& key) {
    word[words] = entry_checksum(key, std::as_bytes(std::span{word}.first(words)));
  }
  static std::optional<Value> read(const MDB_val& key, const MDB_val& data) {
    Value value;
    if (data.mv_size != sizeof value.word) return std::nullopt;
    std::memcpy(value.word.data(), data.mv_data, sizeof value.word);
    if (value.word[words] != entry_checksum(key, std::as_bytes(std::span{value.word}.first(words))))
      return std::nullopt;
    return value;
  }
  MDB_val val() { return {sizeof word, word.data()}; }
};
using PlaceValue = Value<6>;
using MarkerValue = Value<2>;
using SessionValue = Value<4>;

PlaceValue value_of(const BlockPlace& place, const MDB_val& key) {
  PlaceValue value;
  value.word = {place.segment,         place.offset,
                place.bytes,           place.header_checksum,
                place.first_seq.value, static_cast<std::uint64_t>(to_ns(place.first_time))};
  value.seal(key);
  return value;
}

std::optional<BlockPlace> place_of(const MDB_val& key, const MDB_val& data) {
  const auto value = PlaceValue::read(key, data);
  if (!value) return std::nullopt;
  return BlockPlace{.segment = value->word[0],
                    .offset = value->word[1],
                    .bytes = value->word[2],
                    .header_checksum = value->word[3],
                    .first_seq = Seq{value->word[4]},
                    .first_time = time_from_ns(static_cast<std::int64_t>(value->word[5]))};
}

int open_databases(MDB_txn* txn, unsigned flags, Databases& into) {
  int result = mdb_dbi_open(txn, "blocks", flags, &into.blocks);
  if (result == 0) result = mdb_dbi_open(txn, "times", flags, &into.times);
  if (result == 0) result = mdb_dbi_open(txn, "checkpoints", flags, &into.checkpoints);
  if (result == 0) result = mdb_dbi_open(txn, "markers", flags, &into.markers);
  if (result == 0) result = mdb_dbi_open(txn, "sessions", flags, &into.sessions);
  return result;
}

std::optional<std::uint64_t> hash_of_file(const std::filesystem::path& path, std::uint64_t bytes) {
  const File file = File::try_open(path, O_RDONLY);
  if (!file.is_open() || file.size() != bytes) return std::nullopt;
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  for (std::uint64_t at = 0; at < bytes;) {
    const std::size_t got = file.read_at(buffer, at);
    if (got == 0) return std::nullopt;
    XXH3_64bits_update(&state, buffer.data(), got);
    at += got;
  }
  return XXH3_64bits_digest(&state);
}

}  // namespace

bool is_marker(RecordKind kind) {
  switch (kind) {
    case RecordKind::feed_status:
    case RecordKind::fill:
    case RecordKind::parameter_change:
    case RecordKind::annotation:
    case RecordKind::kill_switch:
    case RecordKind::alert:
    case RecordKind::wall_pulled:
    case RecordKind::flush_started:
    case RecordKind::flush_ended:
    case RecordKind::liquidity_changed:
    case RecordKind::regime_changed:
      return true;
    default:
      return false;
  }
}

std::optional<IndexMark> read_index_mark(const std::filesystem::path& dir) {
  const std::vector<std::byte> bytes = read_whole(dir / index_name / mark_name);
  std::array<std::uint64_t, 6> word{};
  if (bytes.size() != sizeof word) return std::nullopt;
  std::memcpy(word.data(), bytes.data(), sizeof word);
  if (word[0] != mark_magic || word[5] != hash64(std::span{bytes}.first(40))) return std::nullopt;
  return IndexMark{
      .data_bytes = word[1], .data_hash = word[2], .segments = word[3], .blocks = word[4]};
}

bool index_is_clean(const std::filesystem::path& dir, const IndexMark& mark) {
  try {
    const auto hash = hash_of_file(dir / index_name / "data.mdb", mark.data_bytes);
    return hash && *hash == mark.data_hash;
  } catch (const Error&) {
    return false;  // an unreadable index is as good as none
  }
}

// ------------------------------------------------------------------------------------- writing

struct IndexWriter::Impl {
  std::filesystem::path dir;
  MDB_env* env = nullptr;
  Databases databases;
  bool usable = false;
  Time last_key_time = time_from_ns(INT64_MIN);
  std::size_t map = map_bytes;

  ~Impl() {
    if (env != nullptr) mdb_env_close(env);
  }

  bool open() {
    if (mdb_env_create(&env) != 0) return false;
    mdb_env_set_maxdbs(env, 8);
    mdb_env_set_mapsize(env, map);
    if (mdb_env_open(env, (dir / index_name).c_str(), MDB_NOTLS | MDB_NORDAHEAD, 0644) != 0)
      return false;
    MDB_txn* txn = nullptr;
    if (mdb_txn_begin(env, nullptr, 0, &txn) != 0) return false;
    if (open_databases(txn, MDB_CREATE, databases) != 0) {
      mdb_txn_abort(txn);
      return false;
    }
    return mdb_txn_commit(txn) == 0;
  }

  int put_all(MDB_txn* txn, const IndexBatch& batch) {
    int result = 0;
    const auto put = [&](MDB_dbi database, Key key, auto value) {
      if (result != 0) return;
      MDB_val key_val = key.val();
      MDB_val data = value.val();
      result = mdb_put(txn, database, &key_val, &data, 0);
    };
    for (const BlockPlace& place : batch.blocks) {
      Key by_seq = Key{}.add(batch.session).add(place.first_seq.value);
      put(databases.blocks, by_seq, value_of(place, by_seq.val()));
      Key by_time =
          Key{}.add(batch.session).add_signed(to_ns(place.first_time)).add(place.first_seq.value);
      put(databases.times, by_time, value_of(place, by_time.val()));
    }
    for (const BlockPlace& place : batch.checkpoints) {
      Key key = Key{}.add(batch.session).add(place.first_seq.value);
      put(databases.checkpoints, key, value_of(place, key.val()));
    }
    for (const IndexedMarker& marker : batch.markers) {
      Key key = Key{}.add(batch.session).add(marker.seq.value);
      MarkerValue value;
      value.word = {static_cast<std::uint64_t>(to_ns(marker.time)),
                    static_cast<std::uint64_t>(marker.kind)};
      value.seal(key.val());
      put(databases.markers, key, value);
    }
    if (batch.info) {
      Key key = Key{}.add(batch.session);
      SessionValue value;
      std::memcpy(value.word.data(), batch.info->id.data(), 16);
      value.word[2] = static_cast<std::uint64_t>(to_ns(batch.info->started));
      value.word[3] = batch.info->end_seq.value;
      value.seal(key.val());
      put(databases.sessions, key, value);
    }
    return result;
  }
};

IndexWriter::IndexWriter(const std::filesystem::path& dir, std::uint64_t blocks)
    : impl_(std::make_unique<Impl>()) {
  impl_->dir = dir;
  const std::filesystem::path folder = dir / index_name;
  std::error_code ignored;
  const auto mark = read_index_mark(dir);
  fresh_ = !mark || mark->blocks != blocks || !index_is_clean(dir, *mark);
  if (fresh_) std::filesystem::remove_all(folder, ignored);
  std::filesystem::create_directories(folder, ignored);
  // From here on the index is unfinished, whatever happens to us.
  std::filesystem::remove(folder / mark_name, ignored);
  try {
    sync_directory(folder);
    impl_->usable = impl_->open();
  } catch (const Error&) {
    impl_->usable = false;
  }
}

IndexWriter::~IndexWriter() = default;

bool IndexWriter::commit(const IndexBatch& batch) {
  if (!impl_->usable) return false;
  for (int attempt = 0; attempt < 3; ++attempt) {
    MDB_txn* txn = nullptr;
    int result = mdb_txn_begin(impl_->env, nullptr, 0, &txn);
    if (result == 0) {
      result = impl_->put_all(txn, batch);
      if (result != 0)
        mdb_txn_abort(txn);
      else
        result = mdb_txn_commit(txn);
    }
    if (result == 0) return true;
    if (result != MDB_MAP_FULL) break;
    impl_->map *= 2;
    if (mdb_env_set_mapsize(impl_->env, impl_->map) != 0) break;
  }
  impl_->usable = false;
  return false;
}

void IndexWriter::close(std::uint64_t segments, std::uint64_t blocks) {
  if (!impl_->usable) return;
  impl_->usable = false;
  mdb_env_sync(impl_->env, 1);
  mdb_env_close(impl_->env);
  impl_->env = nullptr;
  const std::filesystem::path data = impl_->dir / index_name / "data.mdb";
  try {
    const std::uint64_t bytes = File::open(data, O_RDONLY).size();
    const auto hash = hash_of_file(data, bytes);
    if (!hash) return;
    std::array<std::uint64_t, 6> word{mark_magic, bytes, *hash, segments, blocks, 0};
    word[5] = hash64(std::as_bytes(std::span{word}.first(5)));
    replace_file(impl_->dir / index_name / mark_name, std::as_bytes(std::span{word}));
  } catch (const Error&) {
    // Without the marker the index is rebuilt next time; the journal does not need it.
  }
}

// ------------------------------------------------------------------------------------- reading

struct IndexReader::Impl {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;  // kept between look-ups, reset so that it pins nothing
  std::mutex mutex;        // a journal may be read by several threads
  Databases databases;

  ~Impl() {
    if (txn != nullptr) mdb_txn_abort(txn);
    if (env != nullptr) mdb_env_close(env);
  }

  /// The last entry of `session` in `database` with a key at or before `key` (before it, if
  /// `strictly`); the session's first one if there is none and `or_first`.
  std::optional<BlockPlace> last_before(MDB_dbi database, Key key, bool strictly,
                                        std::uint64_t session, bool or_first) {
    const std::lock_guard guard{mutex};
    if (mdb_txn_renew(txn) != 0) return std::nullopt;
    MDB_cursor* cursor = nullptr;
    std::optional<BlockPlace> place;
    if (mdb_cursor_open(txn, database, &cursor) == 0) {
      place = find(cursor, key, strictly, session);
      if (!place && or_first) {
        Key first = Key{}.add(session);
        MDB_val found = first.val();
        MDB_val data{};
        if (mdb_cursor_get(cursor, &found, &data, MDB_SET_RANGE) == 0 &&
            number_in(found, 0) == session)
          place = place_of(found, data);
      }
      mdb_cursor_close(cursor);
    }
    mdb_txn_reset(txn);
    return place;
  }

  static std::optional<BlockPlace> find(MDB_cursor* cursor, Key& key, bool strictly,
                                        std::uint64_t session) {
    MDB_val found = key.val();
    MDB_val data{};
    int result = mdb_cursor_get(cursor, &found, &data, MDB_SET_RANGE);
    const bool exact = result == 0 && found.mv_size == key.size &&
                       std::memcmp(found.mv_data, key.bytes.data(), key.size) == 0;
    if (result == MDB_NOTFOUND)
      result = mdb_cursor_get(cursor, &found, &data, MDB_LAST);
    else if (result == 0 && (strictly || !exact))
      result = mdb_cursor_get(cursor, &found, &data, MDB_PREV);
    if (result != 0 || number_in(found, 0) != session) return std::nullopt;
    return place_of(found, data);
  }
};

IndexReader::IndexReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexReader::~IndexReader() = default;

std::unique_ptr<IndexReader> IndexReader::open(const std::filesystem::path& dir) {
  const auto mark = read_index_mark(dir);
  if (!mark || !index_is_clean(dir, *mark)) return nullptr;
  auto impl = std::make_unique<Impl>();
  if (mdb_env_create(&impl->env) != 0) return nullptr;
  mdb_env_set_maxdbs(impl->env, 8);
  // Readers leave no trace, so they take no slot in the lock file. A look-up lasts microseconds,
  // and what it finds is checked against the block itself.
  if (mdb_env_open(impl->env, (dir / index_name).c_str(),
                   MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD, 0644) != 0)
    return nullptr;
  if (mdb_txn_begin(impl->env, nullptr, MDB_RDONLY, &impl->txn) != 0) return nullptr;
  if (open_databases(impl->txn, 0, impl->databases) != 0) return nullptr;
  // Handles opened in a transaction outlive it only if it is committed.
  const int committed = mdb_txn_commit(std::exchange(impl->txn, nullptr));
  if (committed != 0 || mdb_txn_begin(impl->env, nullptr, MDB_RDONLY, &impl->txn) != 0)
    return nullptr;
  mdb_txn_reset(impl->txn);
  return std::unique_ptr<IndexReader>{new IndexReader{std::move(impl)}};
}

std::optional<BlockPlace> IndexReader::block_at(std::uint64_t session, Seq seq) const {
  return impl_->last_before(impl_->databases.blocks, Key{}.add(session).add(seq.value), false,
                            session, true);
}

std::optional<BlockPlace> IndexReader::block_before(std::uint64_t session, Time time) const {
  return impl_->last_before(impl_->databases.times, Key{}.add(session).add_signed(to_ns(time)),
                            true, session, true);
}

std::optional<BlockPlace> IndexReader::checkpoint_at(std::uint64_t session, Seq seq) const {
  return impl_->last_before(impl_->databases.checkpoints, Key{}.add(session).add(seq.value), false,
                            session, false);
}

std::optional<std::vector<IndexedMarker>> IndexReader::markers(std::uint64_t session, Seq from,
                                                               Seq to) const {
  const std::lock_guard guard{impl_->mutex};
  if (mdb_txn_renew(impl_->txn) != 0) return std::nullopt;
  MDB_cursor* cursor = nullptr;
  std::optional<std::vector<IndexedMarker>> markers;
  if (mdb_cursor_open(impl_->txn, impl_->databases.markers, &cursor) == 0) {
    markers.emplace();
    Key start = Key{}.add(session).add(from.value);
    MDB_val key = start.val();
    MDB_val data{};
    for (int result = mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE); result == 0;
         result = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) {
      if (number_in(key, 0) != session || number_in(key, 1) >= to.value) break;
      const auto value = MarkerValue::read(key, data);
      if (!value) {
        markers.reset();
        break;
      }
      markers->push_back({.seq = Seq{number_in(key, 1)},
                          .time = time_from_ns(static_cast<std::int64_t>(value->word[0])),
                          .kind = static_cast<RecordKind>(value->word[1])});
    }
    mdb_cursor_close(cursor);
  }
  mdb_txn_reset(impl_->txn);
  return markers;
}

}  // namespace mm::journal
