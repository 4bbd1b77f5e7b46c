#include "standin/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mm::standin {
namespace {

struct KindName {
  std::string_view name;
  FaultKind kind;
  bool once;
};
constexpr std::array<KindName, 19> kind_names{{
    {"drop", FaultKind::drop, true},
    {"half-open", FaultKind::half_open, true},
    {"gap", FaultKind::gap, true},
    {"duplicate", FaultKind::duplicate, true},
    {"reorder", FaultKind::reorder, true},
    {"corrupt", FaultKind::corrupt, true},
    {"torn", FaultKind::torn, true},
    {"stall", FaultKind::stall, false},
    {"slow", FaultKind::slow, false},
    {"429", FaultKind::http_429, false},
    {"418", FaultKind::http_418, false},
    {"reject", FaultKind::reject, false},
    {"refuse", FaultKind::refuse, false},
    {"clock", FaultKind::clock, false},
    {"ban", FaultKind::ban, false},
    {"reply-lost", FaultKind::reply_lost, false},
    {"fill-first", FaultKind::fill_first, false},
    {"silence", FaultKind::silence, false},
    {"post-only", FaultKind::post_only, false},
}};

bool strikes_once(FaultKind kind) {
  return std::find_if(kind_names.begin(), kind_names.end(),
                      [kind](const KindName& of) { return of.kind == kind; })
      ->once;
}

/// "250ms", "5s", "2m", "1h"; a minus in front is allowed.
std::optional<Duration> parse_span(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc{} || read.ptr == text.data()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  Duration one{};
  if (unit == "ms") one = std::chrono::milliseconds{1};
  if (unit == "s") one = std::chrono::seconds{1};
  if (unit == "m") one = std::chrono::minutes{1};
  if (unit == "h") one = std::chrono::hours{1};
  if (one == Duration{} || count > 1'000'000'000) return std::nullopt;
  return negative ? -one * count : one * count;
}

bool is_market(const Deed& deed) {
  return deed.kind == Deed::Kind::text &&
         (deed.topic == Topic::book || deed.topic == Topic::quote || deed.topic == Topic::trade);
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  return std::find_if(kind_names.begin(), kind_names.end(),
                      [kind](const KindName& of) { return of.kind == kind; })
      ->name;
}

std::string fault_names() {
  std::string out;
  for (const KindName& of : kind_names) {
    if (!out.empty()) out += ", ";
    out += of.name;
  }
  return out;
}

Result<FaultSpec> parse_fault(std::string_view text) {
  const auto fail = [&](const std::string& what) {
    return Error(ErrorKind::usage, fmt::format("--fault {}: {}", text, what));
  };
  FaultSpec spec;
  const std::string_view head = text.substr(0, text.find(','));
  const std::size_t at = head.find('@');
  const std::string_view name = head.substr(0, at);
  const auto kind = std::find_if(kind_names.begin(), kind_names.end(),
                                 [name](const KindName& of) { return of.name == name; });
  if (kind == kind_names.end()) {
    return fail("unknown kind; there are " + fault_names());
  }
  spec.kind = kind->kind;
  if (at != std::string_view::npos) {
    const auto time = parse_span(head.substr(at + 1));
    if (!time || *time < Duration{}) return fail("the time is no duration like 30s or 2m");
    spec.at = *time;
  }
  std::string_view rest = text.substr(head.size());
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(part.size());
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return fail(fmt::format("'{}' is not name=value", part));
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (key == "for" || key == "by") {
      const auto span = parse_span(value);
      if (!span || (key == "for" && *span <= Duration{})) {
        return fail(fmt::format("'{}' is no duration like 500ms or 2s", part));
      }
      (key == "for" ? spec.length : spec.by) = *span;
    } else if (key == "venue") {
      if (value != "hyperliquid" && value != "binance-usdm" && value != "binance-spot") {
        return fail(fmt::format("'{}': hyperliquid, binance-usdm or binance-spot", part));
      }
      spec.venue = value;
    } else if (key == "coin") {
      spec.coin = value;
    } else if (key == "status") {
      spec.status = value;
    } else {
      return fail(fmt::format("unknown '{}'; there are for, by, venue, coin and status", key));
    }
  }
  if (spec.kind == FaultKind::ban && spec.coin.empty()) return fail("name the coin with coin=");
  return spec;
}

Saboteur::Saboteur(std::vector<FaultSpec> faults, Time start, std::uint64_t seed)
    : start_(start), now_(start), random_(seed) {
  for (FaultSpec& fault : faults) {
    const Time begin = start + fault.at;
    const Time end = begin + fault.length;
    faults_.push_back({std::move(fault), begin, end, false});
  }
}

void Saboteur::add(FaultSpec fault, Time now) {
  const Time begin = now + fault.at;
  const Time end = begin + fault.length;
  faults_.push_back({std::move(fault), begin, end, false});
}

void Saboteur::on_open(ConnectionId id, std::string_view venue) {
  connections_[id].venue = venue;
}

void Saboteur::on_closed(ConnectionId id) {
  connections_.erase(id);
}

bool Saboteur::concerns(const Armed& fault, ConnectionId id) const {
  const auto at = connections_.find(id);
  return at != connections_.end() &&
         (fault.spec.venue.empty() || fault.spec.venue == at->second.venue);
}

const FaultSpec* Saboteur::active(FaultKind kind, std::string_view venue, Time now) const {
  for (const Armed& fault : faults_) {
    if (fault.spec.kind == kind && fault.begin <= now && now < fault.end &&
        (fault.spec.venue.empty() || fault.spec.venue == venue)) {
      return &fault.spec;
    }
  }
  return nullptr;
}

void Saboteur::on_time(Time now) {
  now_ = now;
  for (Armed& fault : faults_) {
    if (fault.done || fault.begin > now || strikes_once(fault.spec.kind)) continue;
    fault.done = true;
    ++counts_[std::string(name_of(fault.spec.kind))];
  }
}

Time Saboteur::next_due() const {
  Time soonest = Time::max();
  for (const Armed& fault : faults_) {
    if (fault.begin > now_) soonest = std::min(soonest, fault.begin);
    if (fault.end > now_ && !strikes_once(fault.spec.kind)) soonest = std::min(soonest, fault.end);
  }
  return soonest;
}

void Saboteur::strike_all(Armed& fault, std::vector<Deed>& out) {
  for (const auto& [id, client] : connections_) {
    if (!concerns(fault, id)) continue;
    Deed deed;
    deed.kind = fault.spec.kind == FaultKind::drop ? Deed::Kind::cut : Deed::Kind::freeze;
    deed.due = now_;
    deed.connection = id;
    out.push_back(std::move(deed));
    fault.done = true;
  }
  if (fault.done) ++counts_[std::string(name_of(fault.spec.kind))];
}

/// Whether the fault took the deed (or not it, but something else) in hand.
bool Saboteur::strike_one(Armed& fault, const Deed& deed, std::vector<Deed>& out) {
  if (!is_market(deed) || !concerns(fault, deed.connection)) return false;
  // Of Binance only depth events are missed.
  if (fault.spec.kind == FaultKind::gap &&
      connections_.at(deed.connection).venue != "hyperliquid" && deed.topic != Topic::book) {
    return false;
  }
  fault.done = true;
  ++counts_[std::string(name_of(fault.spec.kind))];
  switch (fault.spec.kind) {
    case FaultKind::gap:
      return true;
    case FaultKind::duplicate:
      out.push_back(deed);
      out.push_back(deed);
      return true;
    case FaultKind::reorder:
      held_ = deed;
      return true;
    case FaultKind::corrupt: {
      Deed wrong = deed;
      // Printable before and after, so that the frame stays text.
      const std::size_t at = random_.below(wrong.text.size());
      wrong.text[at] = wrong.text[at] == '~' ? '}' : '~';
      out.push_back(std::move(wrong));
      return true;
    }
    default: {
      Deed torn = deed;
      torn.kind = Deed::Kind::torn;
      torn.code = static_cast<unsigned>(deed.text.size());
      torn.text.resize(deed.text.size() / 2);
      out.push_back(std::move(torn));
      return true;
    }
  }
}

std::vector<Deed> Saboteur::pass(std::vector<Deed> deeds) {
  std::vector<Deed> out;
  out.reserve(deeds.size());
  for (Armed& fault : faults_) {
    if (!fault.done && fault.begin <= now_ &&
        (fault.spec.kind == FaultKind::drop || fault.spec.kind == FaultKind::half_open)) {
      strike_all(fault, out);
    }
  }
  for (Deed& deed : deeds) {
    const auto at = connections_.find(deed.connection);
    if (deed.kind == Deed::Kind::text && at != connections_.end()) {
      const Time before = deed.due;
      if (const FaultSpec* slow = active(FaultKind::slow, at->second.venue, now_)) {
        deed.due += slow->by;
      }
      for (const Armed& fault : faults_) {
        if (fault.spec.kind == FaultKind::stall && fault.begin <= deed.due &&
            deed.due < fault.end && concerns(fault, deed.connection)) {
          deed.due = fault.end;
        }
      }
      Time& not_before = at->second.not_before;
      if (deed.due != before) not_before = std::max(not_before, deed.due);
      deed.due = std::max(deed.due, not_before);
    }
    bool taken = false;
    for (Armed& fault : faults_) {
      if (taken || fault.done || fault.begin > now_ || !strikes_once(fault.spec.kind)) continue;
      if (fault.spec.kind == FaultKind::drop || fault.spec.kind == FaultKind::half_open) continue;
      taken = strike_one(fault, deed, out);
    }
    if (taken) continue;
    const bool follows = held_ && is_market(deed) && held_->connection == deed.connection;
    out.push_back(std::move(deed));
    if (follows) {
      held_->due = out.back().due;
      out.push_back(std::move(*held_));
      held_.reset();
    }
  }
  return out;
}

std::string Saboteur::counts_json() const {
  std::string out = "{";
  for (const auto& [name, count] : counts_) {
    if (out.size() > 1) out += ',';
    out += fmt::format(R"("{}":{})", name, count);
  }
  return out + "}";
}

}  // namespace mm::standin
