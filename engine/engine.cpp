#include "engine/engine.hpp"

#include <array>
#include <cstdio>

#include "engine/hash.hpp"
#include "engine/outlook/outlook.hpp"

namespace mm {
namespace {

std::string hexadecimal(const Digest128& digest) {
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(digest.high),
                static_cast<unsigned long long>(digest.low));
  return text.data();
}

void list_instrument(const InstrumentState& state, std::size_t index,
                     std::vector<StateField>& fields) {
  const std::string suffix = "[" + std::to_string(index) + "]";
  const auto number = [&](const char* name, std::int64_t value) {
    fields.push_back({StateModule::book, name + suffix, std::to_string(value)});
  };
  number("touch.bid.price", state.touch().bid.price.units());
  number("touch.bid.qty", state.touch().bid.qty.lots());
  number("touch.ask.price", state.touch().ask.price.units());
  number("touch.ask.qty", state.touch().ask.qty.lots());
  number("book.state", static_cast<std::int64_t>(state.book_state()));
  number("book.bids", static_cast<std::int64_t>(state.book().level_count(Side::buy)));
  number("book.asks", static_cast<std::int64_t>(state.book().level_count(Side::sell)));
  number("last_update", to_ns(state.last_update()));
  number("gap_count", state.gap_count());
  if (state.last_trade()) {
    number("last_trade.price", state.last_trade()->price.units());
    number("last_trade.qty", state.last_trade()->qty.lots());
  }
  ByteWriter bytes;
  state.save(bytes);
  fields.push_back({StateModule::book, "hash" + suffix, hexadecimal(hash128(bytes.bytes()))});
}

}  // namespace

std::unique_ptr<Outlook> make_outlook(const TraderSettings& settings, const Strategy& strategy) {
  if (!settings.outlook && !strategy.needs_outlook()) return nullptr;
  OutlookSettings outlook;
  outlook.interval = settings.decision_interval;
  if (settings.stale > Duration{}) outlook.features.stale = settings.stale;
  if (settings.window_tenth_bps > 0) {
    outlook.window_is_set = true;
    const std::int64_t bucket = settings.bucket_tenth_bps > 0
                                    ? settings.bucket_tenth_bps
                                    : (settings.window_tenth_bps + 9) / 10;
    outlook.features.window = window_of(settings.window_tenth_bps, bucket);
  }
  return std::make_unique<Outlook>(outlook);
}

Engine::Engine(TraderSettings settings, std::unique_ptr<Strategy> strategy)
    : trader_(std::move(settings), std::move(strategy)) {
  outlook_ = make_outlook(trader_.settings(), trader_.strategy());
}

Engine::Engine(const Engine& other)
    : market_(other.market_),
      outlook_(other.outlook_ ? std::make_unique<Outlook>(*other.outlook_) : nullptr),
      trader_(other.trader_) {}

Engine& Engine::operator=(const Engine& other) {
  if (this != &other) *this = Engine{other};
  return *this;
}

Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

void Engine::apply_with_outlook(const Event& event, std::vector<Output>& outputs) {
  if (!trader_.settings().own_displayed) {
    outlook_->apply(event, market_, outputs);
    trader_.apply(event, market_, outputs, outlook_.get());
    return;
  }
  // The book of others is the displayed one less ours, as it stands after this event.
  const Trader::Heard heard = trader_.hear(event, market_, outputs, outlook_.get());
  std::array<OwnLevel, 64> own;
  std::size_t count = 0;
  for (const OwnDisplayed::At& at : trader_.own_levels())
    if (at.ours > Qty{} && count < own.size())
      own[count++] = {.side = at.side, .price = at.price, .qty = at.ours};
  outlook_->set_own({own.data(), count});
  outlook_->apply(event, market_, outputs);
  trader_.act(heard, event, market_, outputs, outlook_.get());
}

void Engine::save_module(StateModule module, ByteWriter& out) const {
  if (module == StateModule::book) {
    market_.save(out);
  } else if (module == StateModule::outlook) {
    outlook_->save(out);
  } else {
    trader_.save(module, out);
  }
}

bool Engine::restore_module(StateModule module, ByteReader& in) {
  if (module == StateModule::book) return market_.restore(in);
  if (module == StateModule::outlook) return outlook_->restore(in);
  return trader_.restore(module, in);
}

void Engine::save(ByteWriter& out) const {
  for (const StateModule module : state_modules)
    if (has(module)) save_module(module, out);
}

bool Engine::restore(ByteReader& in) {
  for (const StateModule module : state_modules)
    if (has(module) && (!restore_module(module, in) || in.failed())) return false;
  return true;
}

StateDigests Engine::digests() const {
  StateDigests digests;
  ByteWriter bytes;
  ByteWriter leaves;
  for (const StateModule module : state_modules) {
    if (!has(module)) continue;
    bytes.clear();
    save_module(module, bytes);
    const Digest128 digest = hash128(bytes.bytes());
    digests.modules[static_cast<std::size_t>(module)] = digest;
    leaves.put_u64(digest.high);
    leaves.put_u64(digest.low);
  }
  digests.root = hash128(leaves.bytes());
  return digests;
}

std::vector<StateField> Engine::fields() const {
  std::vector<StateField> fields;
  for (std::size_t i = 0; i < market_.instrument_count(); ++i)
    list_instrument(market_.instrument(InstrumentId{static_cast<std::uint16_t>(i)}), i, fields);
  trader_.list_fields(fields);
  if (outlook_) outlook_->list_fields(fields);
  return fields;
}

}  // namespace mm
