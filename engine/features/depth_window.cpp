#include "engine/features/depth_window.hpp"

#include <algorithm>
#include <cstring>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"

namespace mm {

bool WindowSettings::valid() const {
  if (bucket_tenth_bps <= 0 || window_tenth_bps < bucket_tenth_bps || window_tenth_bps > 10'000)
    return false;
  for (const std::int64_t depth : depth_tenth_bps)
    if (depth <= 0) return false;
  return buckets() <= max_buckets;
}

// ---------------------------------------------------------------- edges

WindowEdges::WindowEdges(const WindowSettings& settings) {
  MM_ASSERT(settings.valid(), "a window that is none");
  constexpr std::int64_t fiftieths_per_tenth = 5;
  buckets_ = settings.buckets();
  window_ = settings.window_tenth_bps * fiftieths_per_tenth;
  std::array<Edge, capacity> wanted{};
  std::size_t count = 0;
  const auto edge = [&](std::int64_t fiftieths, bool inclusive) {
    return Edge{std::min(fiftieths, window_), inclusive || fiftieths >= window_};
  };
  const auto bucket_edge = [&](int j) {
    return edge((j + 1) * settings.bucket_tenth_bps * fiftieths_per_tenth, false);
  };
  const auto flush_edge = [&](int b) { return edge(window_ * (b + 1) / flush_buckets, false); };
  const auto depth_edge = [&](std::int64_t tenths) {
    return edge(tenths * fiftieths_per_tenth, true);
  };
  for (int j = 0; j < buckets_; ++j) wanted[count++] = bucket_edge(j);
  for (int b = 0; b < flush_buckets; ++b) wanted[count++] = flush_edge(b);
  for (const std::int64_t tenths : settings.depth_tenth_bps) wanted[count++] = depth_edge(tenths);
  // By distance, exclusive before inclusive: a total order, equal edges are the same edge.
  std::sort(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Edge& a, const Edge& b) {
              return a.fiftieths != b.fiftieths ? a.fiftieths < b.fiftieths
                                                : a.inclusive < b.inclusive;
            });
  for (std::size_t i = 0; i < count; ++i) find_or_add(wanted[i]);
  for (int j = 0; j < buckets_; ++j)
    bucket_end_[static_cast<std::size_t>(j)] = find_or_add(bucket_edge(j));
  for (int b = 0; b < flush_buckets; ++b)
    flush_end_[static_cast<std::size_t>(b)] = find_or_add(flush_edge(b));
  for (std::size_t k = 0; k < depth_end_.size(); ++k)
    depth_end_[k] = find_or_add(depth_edge(settings.depth_tenth_bps[k]));
}

int WindowEdges::find_or_add(const Edge& edge) {
  for (int i = 0; i < size_; ++i)
    if (edges_[static_cast<std::size_t>(i)] == edge) return i;
  edges_[static_cast<std::size_t>(size_)] = edge;
  return size_++;
}

// ---------------------------------------------------------------- coordinates

std::uint64_t SideWindow::outward(Price price) const {
  const std::uint64_t units = static_cast<std::uint64_t>(price.units());
  return side_ == Side::sell ? units : static_cast<std::uint64_t>(bucket_units_ - 1) - units;
}

std::int64_t SideWindow::centre_of(std::int64_t m2) const {
  return side_ == Side::sell ? m2 : 2 * (bucket_units_ - 1) - m2;
}

std::size_t SideWindow::bucket_slot(std::size_t slot) const {
  return static_cast<std::size_t>(slot * bucket_factor_ >> 40);
}

Price SideWindow::price_of(std::size_t slot) const {
  const std::int64_t u = origin_ + static_cast<std::int64_t>(slot);
  return Price::from_units(side_ == Side::sell ? u : bucket_units_ - 1 - u);
}

std::int64_t SideWindow::bucket_of(Price price) const {
  const std::int64_t bucket = price.units() / bucket_units_;
  return price.units() % bucket_units_ < 0 ? bucket - 1 : bucket;
}

// Where the edges lie for a mid; false if the slots do not reach from the mid to `reach`.
bool SideWindow::place(const WindowEdges& edges, std::int64_t m2,
                       std::array<std::uint32_t, WindowEdges::capacity + 1>& ends,
                       std::size_t& reach) const {
  const std::int64_t centre = centre_of(m2);
  const auto first_outside = [&](std::int64_t limit) {
    return ((centre + limit + 1) >> 1) - origin_;
  };
  const std::int64_t nearest = first_outside(0);
  const std::int64_t farthest = first_outside(
      m2 * (edges.window_fiftieths() * reach_percent / 100) / WindowEdges::per_one + 1);
  if (nearest < 0 || farthest > static_cast<std::int64_t>(size_)) return false;
  for (int i = 0; i < edges.size(); ++i)
    ends[static_cast<std::size_t>(i)] =
        static_cast<std::uint32_t>(first_outside(edges.limit(i, m2)));
  ends[static_cast<std::size_t>(edges.size())] = static_cast<std::uint32_t>(size_);
  reach = static_cast<std::size_t>(farthest);
  return true;
}

// ---------------------------------------------------------------- levels

bool SideWindow::rebuild(const WindowEdges& edges, std::int64_t bucket_units, std::int64_t m2,
                         const L2Book& book) {
  clear();
  if (m2 > 2 * max_price_units || bucket_units > static_cast<std::int64_t>(max_slots)) return false;
  bucket_units_ = bucket_units;
  bucket_factor_ = ((std::uint64_t{1} << 40) + static_cast<std::uint64_t>(bucket_units) - 1) /
                   static_cast<std::uint64_t>(bucket_units);
  const std::int64_t width = m2 * edges.window_fiftieths() / WindowEdges::per_one / 2 + 1;
  const std::int64_t margin = width / 4 + 2 * bucket_units;
  const std::int64_t wanted = width * reach_percent / 100 + 2 * margin + bucket_units + 2;
  if (wanted > static_cast<std::int64_t>(max_slots)) return false;

  const std::int64_t low = (centre_of(m2) >> 1) - margin;
  const std::int64_t over = low % bucket_units;
  origin_ = low - (over < 0 ? over + bucket_units : over);
  origin_bucket_ = origin_ / bucket_units;
  size_ = static_cast<std::size_t>(wanted);
  slots_.assign(size_, 0);
  buckets_.assign(bucket_slot(size_) + 1, 0);
  first_.assign((size_ >> block_shift) + 1, 0);
  edge_count_ = edges.size();
  centre_ = centre_of(m2);
  const bool placed = place(edges, m2, ends_, reach_end_);
  MM_ASSERT(placed, "a window that was just made does not fit");
  index_blocks();

  const std::uint64_t end = static_cast<std::uint64_t>(origin_) + size_;
  book.for_each_level(side_, [&](const Level& level) {
    const std::uint64_t u = outward(level.price);
    const std::uint64_t slot = u - static_cast<std::uint64_t>(origin_);
    if (slot < size_) {
      const std::int64_t lots = std::min(level.qty.lots(), max_lots);
      slots_[slot] = lots;
      buckets_[bucket_slot(slot)] += lots;
    }
    return static_cast<std::int64_t>(u - end) < 0;
  });
  count_all();
  return true;
}

// Block b begins in segment i if its first slot lies between the ends of segments i - 1 and i.
void SideWindow::index_blocks() {
  constexpr std::size_t block = std::size_t{1} << block_shift;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(edge_count_); ++i) {
    const std::size_t to = i == static_cast<std::size_t>(edge_count_)
                               ? first_.size()
                               : (ends_[i] + block - 1) >> block_shift;
    if (to <= from) continue;
    std::memset(first_.data() + from, static_cast<int>(i), to - from);
    from = to;
  }
}

SideWindow::Segment SideWindow::sum_of(std::size_t from, std::size_t to) const {
  Segment sum;
  for (std::size_t slot = from; slot < to; ++slot) {
    const std::uint64_t lots = static_cast<std::uint64_t>(slots_[slot]);
    sum.qty += lots;
    sum.moment += lots * slot;
    sum.counts += counts_of(slots_[slot], threshold_);
  }
  return sum;
}

void SideWindow::count_all() {
  std::size_t from = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(edge_count_); ++i) {
    segments_[i] = sum_of(from, ends_[i]);
    from = ends_[i];
  }
}

void SideWindow::apply(std::span<const Level> levels) {
  const std::uint64_t size = size_;
  if (size == 0) return;
  // Stores through the pointers below could be to anything: what they do not change is held here.
  const std::uint64_t flip = side_ == Side::sell ? 0 : ~std::uint64_t{0};
  const std::uint64_t shift = flip == 0 ? static_cast<std::uint64_t>(-origin_)
                                        : static_cast<std::uint64_t>(bucket_units_ - origin_);
  const std::uint64_t factor = bucket_factor_;
  const std::int64_t threshold = threshold_;
  std::int64_t* const slots = slots_.data();
  std::int64_t* const buckets = buckets_.data();
  const std::uint8_t* const first = first_.data();
  for (const Level& level : levels) {
    // -p = ~p + 1, so that bucket_units - 1 - p = ~p + bucket_units.
    const std::uint64_t slot = (static_cast<std::uint64_t>(level.price.units()) ^ flip) + shift;
    if (slot >= size) continue;
    const std::int64_t lots = std::clamp(level.qty.lots(), std::int64_t{0}, max_lots);
    const std::int64_t before = slots[slot];
    const std::uint64_t more =
        static_cast<std::uint64_t>(lots) - static_cast<std::uint64_t>(before);
    slots[slot] = lots;
    buckets[slot * factor >> 40] += static_cast<std::int64_t>(more);
    std::size_t at = first[slot >> block_shift];
    while (slot >= ends_[at]) ++at;
    Segment& segment = segments_[at];
    segment.qty += more;
    segment.moment += more * slot;
    segment.counts += counts_of(lots, threshold) - counts_of(before, threshold);
  }
}

void SideWindow::set_threshold(std::int64_t lots) {
  if (threshold_ == lots) return;
  threshold_ = lots;
  if (built()) count_all();
}

// ---------------------------------------------------------------- moving

// The slots of [from, to) change their segment.
void SideWindow::shift(std::size_t from, std::size_t to, Segment& source, Segment& target) {
  const Segment sum = sum_of(from, to);
  source.qty -= sum.qty;
  source.moment -= sum.moment;
  source.counts -= sum.counts;
  target.qty += sum.qty;
  target.moment += sum.moment;
  target.counts += sum.counts;
}

bool SideWindow::move_to(const WindowEdges& edges, std::int64_t m2) {
  if (!built() || m2 > 2 * max_price_units) return false;
  const std::int64_t centre = centre_of(m2);
  if (centre == centre_) return true;
  std::array<std::uint32_t, WindowEdges::capacity + 1> ends;
  if (!place(edges, m2, ends, reach_end_)) return false;
  const std::size_t count = static_cast<std::size_t>(edge_count_);
  std::size_t passed = 0;
  for (std::size_t i = 0; i < count; ++i)
    passed += ends[i] > ends_[i] ? ends[i] - ends_[i] : ends_[i] - ends[i];
  centre_ = centre;
  if (passed > size_) {
    ends_ = ends;
    count_all();
  } else {
    // Outward moves from the outermost edge on, inward ones from the innermost: at every moment the
    // edges stand in order.
    for (std::size_t i = count; i-- > 0;) {
      if (ends[i] <= ends_[i]) continue;
      shift(ends_[i], ends[i], segments_[i + 1], segments_[i]);
      ends_[i] = ends[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (ends[i] >= ends_[i]) continue;
      shift(ends[i], ends_[i], segments_[i], segments_[i + 1]);
      ends_[i] = ends[i];
    }
  }
  if (passed != 0) index_blocks();
  return true;
}

// ---------------------------------------------------------------- reading

bool SideWindow::within(const WindowEdges& edges,
                        std::array<WithinEdge, WindowEdges::capacity>& sums) const {
  Segment sum;
  // |2p - m2| = 2 slot + 2 origin - centre.
  const std::int64_t offset = 2 * origin_ - centre_;
  for (std::size_t i = 0; i < static_cast<std::size_t>(edges.size()); ++i) {
    sum.qty += segments_[i].qty;
    sum.moment += segments_[i].moment;
    sum.counts += segments_[i].counts;
    sums[i] = {
        static_cast<std::int64_t>(sum.qty),
        static_cast<std::int64_t>(2 * sum.moment + static_cast<std::uint64_t>(offset) * sum.qty),
        static_cast<std::int64_t>(sum.counts & 0xffffffffu),
        static_cast<std::int64_t>(sum.counts >> 32)};
  }
  // Quantities are at most 2^43 in at most 2^19 slots: the sum of them is exact.
  return Int128{static_cast<std::int64_t>(sum.qty)} * static_cast<std::int64_t>(size_) <= Int128{1}
                                                                                              << 60;
}

std::int64_t SideWindow::farthest() const {
  for (std::size_t slot = reach_end_; slot-- > 0;)
    if (slots_[slot] > 0) return 2 * (origin_ + static_cast<std::int64_t>(slot)) - centre_;
  return -1;
}

std::int64_t SideWindow::qty_at(Price price) const {
  const std::uint64_t slot = outward(price) - static_cast<std::uint64_t>(origin_);
  return slot < size_ ? slots_[slot] : 0;
}

std::int64_t SideWindow::bucket_qty(std::int64_t bucket) const {
  const std::int64_t at = (side_ == Side::sell ? bucket : -bucket) - origin_bucket_;
  if (!built() || at < 0 || at >= static_cast<std::int64_t>(buckets_.size())) return 0;
  return buckets_[static_cast<std::size_t>(at)];
}

Level SideWindow::largest_in(std::int64_t bucket) const {
  const std::int64_t first = (side_ == Side::sell ? bucket : -bucket) * bucket_units_ - origin_;
  Level largest;
  for (std::int64_t slot = first; slot < first + bucket_units_; ++slot) {
    if (slot < 0 || slot >= static_cast<std::int64_t>(size_)) continue;
    const std::size_t at = static_cast<std::size_t>(slot);
    if (slots_[at] > largest.qty.lots()) largest = {price_of(at), Qty::from_lots(slots_[at])};
  }
  return largest;
}

SideWindow::Buckets SideWindow::buckets_in_window(const WindowEdges& edges) const {
  if (!built()) return {};
  const std::size_t mid = static_cast<std::size_t>(((centre_ + 1) >> 1) - origin_);
  const std::size_t last = bucket_slot(ends_[static_cast<std::size_t>(edges.window_end())] - 1);
  const std::size_t first = bucket_slot(mid);
  const std::int64_t nearest = origin_bucket_ + static_cast<std::int64_t>(first);
  return {side_ == Side::sell ? nearest : -nearest,
          side_ == Side::sell ? 1 : -1,
          static_cast<int>(last - first) + 1,
          {buckets_.data() + first, last - first + 1}};
}

}  // namespace mm
