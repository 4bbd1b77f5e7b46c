#include "research/what_if/account.hpp"

#include <algorithm>

#include "engine/numeric.hpp"

namespace mm::research {
namespace {

constexpr Duration adverse_horizon[] = {std::chrono::seconds{10}};

Qty magnitude(Qty qty) {
  return qty < Qty{} ? -qty : qty;
}

}  // namespace

WindowAccount::WindowAccount(Qty position, const MarkHistory& marks, const Instrument& instrument,
                             Time from)
    : marks_(&marks),
      instrument_(&instrument),
      markouts_(marks, adverse_horizon),
      max_position_(magnitude(position)) {
  if (position != Qty{}) pnl_.open(position.lots());
  if (const Mark* mark = marks.last_present_before(from)) pnl_.mark(from, mark->value);
}

void WindowAccount::on_fill(const EventHeader& header, const Fill& fill) {
  const Time happened = happened_at(header, fill);
  const Int128 value = position_value(*instrument_, fill.price, fill.qty).units();
  const Mark* before = marks_->last_present_before(happened);
  const Int128 mark_then = before == nullptr ? value / fill.qty.lots() : before->value;
  pnl_.late_fill(header.recv_time, happened, mark_then, fill.side, fill.qty.lots(), value,
                 fill.fee.units());
  markouts_.add(header, fill, *instrument_);
  if (inside_spread_.contains(fill.order)) ++filled_inside_spread_;
  if (fill.remaining == Qty{}) inside_spread_.erase(fill.order);
  filled_[minute_of(happened)] += fill.qty.lots();
  volume_ += Money::from_units(value < 0 ? -value : value);
  max_position_ = std::max(max_position_, magnitude(Qty::from_lots(pnl_.position())));
  lines_.push_back({header.recv_time, fill});
}

void WindowAccount::on_ack(const EventHeader& header, const OrderAck& ack) {
  const Mark* mark = marks_->at(header.exchange_time);
  if (mark != nullptr && mark->bid < ack.price && ack.price < mark->ask)
    inside_spread_.insert(ack.order);
}

void WindowAccount::close_block() {
  blocks_.push_back(pnl_.net_pnl() - closed_net_);
  closed_net_ = pnl_.net_pnl();
}

void WindowAccount::judge(const std::vector<MarkedFill>& fills) {
  for (const MarkedFill& fill : fills) {
    ++judged_;
    const std::optional<Money>& later = fill.markouts.front().pnl;
    if (!later) continue;
    ++with_markout_;
    if (*later < Money{}) ++adverse_;
  }
}

CounterfactualRow WindowAccount::row() const {
  CounterfactualRow row;
  row.pnl = net();
  row.fills = static_cast<std::int64_t>(lines_.size());
  row.volume = volume_;
  if (with_markout_ > 0)
    row.adverse_share = static_cast<double>(adverse_) / static_cast<double>(with_markout_);
  row.spread_capture = Money::from_units(pnl_.spread_capture());
  row.adverse_selection = Money::from_units(pnl_.adverse_selection());
  row.inventory = Money::from_units(pnl_.inventory_cost());
  row.fees = Money::from_units(pnl_.fee_cost());
  row.funding = Money::from_units(pnl_.funding());
  row.max_position = max_position_;
  row.fill_lines = lines_;
  return row;
}

std::vector<FillMark> WindowAccount::fill_marks() const {
  std::vector<FillMark> marks;
  marks.reserve(lines_.size());
  for (const FillLine& line : lines_) marks.push_back({line.fill.order, line.time, line.fill.qty});
  return marks;
}

double WindowAccount::share_inside_spread() const {
  return lines_.empty()
             ? 0
             : static_cast<double>(filled_inside_spread_) / static_cast<double>(lines_.size());
}

std::int64_t WindowAccount::dominated_minutes(const MinuteLots& tape) const {
  std::int64_t minutes = 0;
  for (const auto& [minute, lots] : filled_) {
    const auto traded = tape.find(minute);
    if (traded == tape.end() || lots * 10 > traded->second) ++minutes;
  }
  return minutes;
}

}  // namespace mm::research
