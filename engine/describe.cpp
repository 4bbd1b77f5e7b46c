#include "engine/describe.hpp"

namespace mm {

std::string_view name_of(RecordKind value) {
  switch (value) {
    case RecordKind::unspecified:
      return "unspecified";
    case RecordKind::book_snapshot:
      return "book_snapshot";
    case RecordKind::book_delta:
      return "book_delta";
    case RecordKind::best_quote:
      return "best_quote";
    case RecordKind::trade:
      return "trade";
    case RecordKind::asset_context:
      return "asset_context";
    case RecordKind::liquidation:
      return "liquidation";
    case RecordKind::feed_status:
      return "feed_status";
    case RecordKind::clock_step:
      return "clock_step";
    case RecordKind::rate_limit:
      return "rate_limit";
    case RecordKind::order_ack:
      return "order_ack";
    case RecordKind::order_reject:
      return "order_reject";
    case RecordKind::order_done:
      return "order_done";
    case RecordKind::cancel_reject:
      return "cancel_reject";
    case RecordKind::fill:
      return "fill";
    case RecordKind::position_report:
      return "position_report";
    case RecordKind::balance_report:
      return "balance_report";
    case RecordKind::funding_payment:
      return "funding_payment";
    case RecordKind::session_start:
      return "session_start";
    case RecordKind::instrument_defined:
      return "instrument_defined";
    case RecordKind::parameter_change:
      return "parameter_change";
    case RecordKind::timer:
      return "timer";
    case RecordKind::annotation:
      return "annotation";
    case RecordKind::kill_switch:
      return "kill_switch";
    case RecordKind::session_end:
      return "session_end";
    case RecordKind::place_order:
      return "place_order";
    case RecordKind::cancel_order:
      return "cancel_order";
    case RecordKind::replace_order:
      return "replace_order";
    case RecordKind::set_timer:
      return "set_timer";
    case RecordKind::alert:
      return "alert";
    case RecordKind::wall_appeared:
      return "wall_appeared";
    case RecordKind::wall_moved:
      return "wall_moved";
    case RecordKind::wall_pulled:
      return "wall_pulled";
    case RecordKind::wall_filled:
      return "wall_filled";
    case RecordKind::wall_gone:
      return "wall_gone";
    case RecordKind::flush_started:
      return "flush_started";
    case RecordKind::flush_ended:
      return "flush_ended";
    case RecordKind::liquidity_changed:
      return "liquidity_changed";
    case RecordKind::regime_changed:
      return "regime_changed";
    case RecordKind::regime_state:
      return "regime_state";
    case RecordKind::prediction:
      return "prediction";
    case RecordKind::predicted_level:
      return "predicted_level";
    case RecordKind::fill_note:
      return "fill_note";
  }
  return "unknown";
}

std::string_view name_of(Side value) {
  switch (value) {
    case Side::buy:
      return "buy";
    case Side::sell:
      return "sell";
  }
  return "?";
}

std::string_view name_of(FeedState value) {
  switch (value) {
    case FeedState::unspecified:
      return "unspecified";
    case FeedState::connected:
      return "connected";
    case FeedState::lost:
      return "lost";
    case FeedState::gap:
      return "gap";
    case FeedState::resynchronised:
      return "resynchronised";
    case FeedState::stale:
      return "stale";
    case FeedState::anomaly:
      return "anomaly";
  }
  return "?";
}

std::string_view name_of(TimeInForce value) {
  switch (value) {
    case TimeInForce::post_only:
      return "post_only";
    case TimeInForce::gtc:
      return "gtc";
    case TimeInForce::ioc:
      return "ioc";
    case TimeInForce::fok:
      return "fok";
  }
  return "?";
}

std::string_view name_of(RejectReason value) {
  switch (value) {
    case RejectReason::unspecified:
      return "unspecified";
    case RejectReason::post_only_would_cross:
      return "post_only_would_cross";
    case RejectReason::below_min_notional:
      return "below_min_notional";
    case RejectReason::off_tick:
      return "off_tick";
    case RejectReason::off_lot:
      return "off_lot";
    case RejectReason::rate_limited:
      return "rate_limited";
    case RejectReason::insufficient_margin:
      return "insufficient_margin";
    case RejectReason::market_closed:
      return "market_closed";
    case RejectReason::unknown_order:
      return "unknown_order";
    case RejectReason::other:
      return "other";
  }
  return "?";
}

std::string_view name_of(DoneReason value) {
  switch (value) {
    case DoneReason::unspecified:
      return "unspecified";
    case DoneReason::cancelled:
      return "cancelled";
    case DoneReason::expired:
      return "expired";
    case DoneReason::venue_cancelled:
      return "venue_cancelled";
    case DoneReason::replaced:
      return "replaced";
  }
  return "?";
}

std::string_view name_of(FillCause value) {
  switch (value) {
    case FillCause::unspecified:
      return "unspecified";
    case FillCause::venue:
      return "venue";
    case FillCause::queue:
      return "queue";
    case FillCause::through:
      return "through";
    case FillCause::cross:
      return "cross";
    case FillCause::taker:
      return "taker";
  }
  return "?";
}

std::string_view name_of(InstrumentRole value) {
  switch (value) {
    case InstrumentRole::quoted:
      return "quoted";
    case InstrumentRole::lead:
      return "lead";
  }
  return "?";
}

std::string_view name_of(ContractKind value) {
  switch (value) {
    case ContractKind::linear:
      return "linear";
    case ContractKind::inverse:
      return "inverse";
  }
  return "?";
}

std::string_view name_of(DecisionReason value) {
  switch (value) {
    case DecisionReason::unspecified:
      return "unspecified";
    case DecisionReason::new_quote:
      return "new_quote";
    case DecisionReason::requote:
      return "requote";
    case DecisionReason::quote_withdrawn:
      return "quote_withdrawn";
    case DecisionReason::inventory_limit:
      return "inventory_limit";
    case DecisionReason::stale_feed:
      return "stale_feed";
    case DecisionReason::book_invalid:
      return "book_invalid";
    case DecisionReason::kill_switch:
      return "kill_switch";
    case DecisionReason::session_end:
      return "session_end";
    case DecisionReason::loss_limit:
      return "loss_limit";
  }
  return "?";
}

std::string_view name_of(FillShelter value) {
  switch (value) {
    case FillShelter::unknown:
      return "unknown";
    case FillShelter::neutral:
      return "neutral";
    case FillShelter::shielded:
      return "shielded";
    case FillShelter::last_remaining:
      return "last_remaining";
  }
  return "?";
}

std::string_view name_of(WallPlace value) {
  switch (value) {
    case WallPlace::unknown:
      return "unknown";
    case WallPlace::none:
      return "none";
    case WallPlace::inside:
      return "inside";
    case WallPlace::at:
      return "at";
    case WallPlace::outside:
      return "outside";
  }
  return "?";
}

std::string_view name_of(AlertCode value) {
  switch (value) {
    case AlertCode::unspecified:
      return "unspecified";
    case AlertCode::position_limit:
      return "position_limit";
    case AlertCode::order_rate_limit:
      return "order_rate_limit";
    case AlertCode::stale_feed:
      return "stale_feed";
    case AlertCode::unknown_order:
      return "unknown_order";
    case AlertCode::position_mismatch:
      return "position_mismatch";
    case AlertCode::loss_limit:
      return "loss_limit";
    case AlertCode::feed_gap:
      return "feed_gap";
    case AlertCode::order_rejected:
      return "order_rejected";
    case AlertCode::parameter_refused:
      return "parameter_refused";
    case AlertCode::fill_refused:
      return "fill_refused";
    case AlertCode::cascade_started:
      return "cascade_started";
    case AlertCode::cascade_ended:
      return "cascade_ended";
    case AlertCode::liquidation_blind:
      return "liquidation_blind";
  }
  return "?";
}

std::string_view name_of(LiquidityName value) {
  switch (value) {
    case LiquidityName::unknown:
      return "unknown";
    case LiquidityName::thick:
      return "thick";
    case LiquidityName::thin:
      return "thin";
    case LiquidityName::migrating:
      return "migrating";
    case LiquidityName::collapsing:
      return "collapsing";
  }
  return "?";
}

std::string_view name_of(RegimeName value) {
  switch (value) {
    case RegimeName::unspecified:
      return "unspecified";
    case RegimeName::quiet:
      return "quiet";
    case RegimeName::trending:
      return "trending";
    case RegimeName::volatile_:
      return "volatile";
    case RegimeName::cascade:
      return "cascade";
  }
  return "?";
}

}  // namespace mm
