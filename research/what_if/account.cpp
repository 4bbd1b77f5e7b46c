#include "research/what_if/account.hpp"

#include <algorithm>

#include "engine/numeric.hpp"
#include "research/what_if/blocks.hpp"

namespace mm::research {
namespace {

constexpr Duration adverse_horizon[] = {std::chrono::seconds{10}};

Qty magnitude(Qty qty) {
  return qty < Qty{} ? -qty : qty;
}

}  // namespace

WindowAccount::WindowAccount(Qty position, const MarkHistory& marks, const Instrument& instrument,
                             Time from, Keeps keeps)
    : marks_(&marks),
      instrument_(&instrument),
      keeps_(keeps),
      from_(from),
      heard_(from),
      marked_(from),
      markouts_(marks, adverse_horizon),
      max_position_(magnitude(position)) {
  if (position != Qty{}) pnl_.open(position.lots());
  if (const Mark* mark = marks.last_present_before(from)) pnl_.mark(from, mark->value);
}

void WindowAccount::apply(const Mark& mark) {
  if (mark.time < marked_) return;
  marked_ = mark.time;
  heard_ = std::max(heard_, mark.time);
  if (pnl_.current_mark() != mark.value) pnl_.mark(heard_, mark.value);
}

void WindowAccount::catch_up() {
  const Mark* latest = marks_->last_present();
  if (latest == nullptr || latest->time < marked_) return;
  while (!aging_.empty() && aging_.front() < latest->time) {
    // A fill of exactly its horizon is still young.
    if (const Mark* then = marks_->last_present_before(aging_.front() + Duration{1})) apply(*then);
    aging_.pop_front();
  }
  apply(*latest);
}

void WindowAccount::on_fill(const EventHeader& header, const Fill& fill) {
  catch_up();
  const Time happened = happened_at(header, fill);
  const Int128 value = position_value(*instrument_, fill.price, fill.qty).units();
  const Mark* before = marks_->last_present_before(happened);
  const Int128 mark_then = before == nullptr ? value / fill.qty.lots() : before->value;
  pnl_.late_fill(header.recv_time, happened, mark_then, fill.side, fill.qty.lots(), value,
                 fill.fee.units());
  heard_ = std::max(heard_, header.recv_time);
  const Time old_at = happened + Attribution::default_horizon;
  aging_.insert(std::upper_bound(aging_.begin(), aging_.end(), old_at), old_at);
  markouts_.add(header, fill, *instrument_);
  if (inside_spread_.contains(fill.order)) ++filled_inside_spread_;
  if (fill.remaining == Qty{}) inside_spread_.erase(fill.order);
  filled_[minute_of(happened)] += fill.qty.lots();
  volume_ += Money::from_units(value < 0 ? -value : value);
  max_position_ = std::max(max_position_, magnitude(Qty::from_lots(pnl_.position())));
  ++fills_;
  if (keeps_.curve) curve_.ended(fill.order, header.exchange_time, true);
  if (keeps_.fill_marks) fill_marks_.push_back({fill.order, header.recv_time, fill.qty});
  if (keeps_.fill_lines) lines_.push_back({header.recv_time, fill});
}

void WindowAccount::on_ack(const EventHeader& header, const OrderAck& ack) {
  const Mark* mark = marks_->at(header.exchange_time);
  if (mark == nullptr) return;
  if (mark->bid < ack.price && ack.price < mark->ask) inside_spread_.insert(ack.order);
  if (keeps_.curve && header.exchange_time >= from_)
    curve_.accepted(ack.order, header.exchange_time, depth_in_bps(*mark, ack.price));
}

void WindowAccount::on_done(const EventHeader& header, const OrderDone& done) {
  inside_spread_.erase(done.order);
  if (keeps_.curve) curve_.ended(done.order, header.exchange_time, false);
}

void WindowAccount::on_funding(Time now, Money cash) {
  catch_up();
  pnl_.funding(now, cash.units());
  heard_ = std::max(heard_, now);
}

void WindowAccount::close_block() {
  catch_up();
  blocks_.push_back(pnl_.net_pnl() - closed_net_);
  closed_net_ = pnl_.net_pnl();
}

void WindowAccount::close(Time end) {
  catch_up();
  curve_.finish(end);
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

LaneRecord WindowAccount::record(const MinuteLots& tape) const {
  LaneRecord record;
  record.spread_capture = pnl_.spread_capture();
  record.adverse_selection = pnl_.adverse_selection();
  record.inventory = pnl_.inventory_cost();
  record.fees = pnl_.fee_cost();
  record.funding = pnl_.funding();
  record.volume = volume_.units();
  record.fills = fills_;
  record.max_position = max_position_.lots();
  record.fills_with_markout = with_markout_;
  record.adverse_fills = adverse_;
  record.inside_spread_fills = filled_inside_spread_;
  for (const auto& [minute, lots] : filled_) {
    const auto traded = tape.find(minute);
    if (traded == tape.end() || lots * 10 > traded->second) ++record.dominated_minutes;
  }
  record.blocks = blocks_;
  record.curve = curve_.curve();
  record.fill_lines = lines_;
  return record;
}

}  // namespace mm::research
