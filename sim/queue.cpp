#include "sim/queue.hpp"

#include <algorithm>
#include <charconv>

#include "engine/det/math.hpp"

namespace mm::sim {
namespace {

struct Named {
  QueueFunction function;
  std::string_view name;
  bool takes_exponent;
};

constexpr Named functions[] = {
    {QueueFunction::risk_averse, "risk_averse", false},
    {QueueFunction::power, "power", true},
    {QueueFunction::power2, "power2", true},
    {QueueFunction::power3, "power3", true},
    {QueueFunction::log, "log", false},
    {QueueFunction::log2, "log2", false},
    {QueueFunction::optimistic, "optimistic", false},
};

double integer_power(double base, int exponent) {
  double result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

}  // namespace

std::optional<QueueModel> QueueModel::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (const Named& known : functions) {
    if (known.name != name) continue;
    if (known.takes_exponent != (colon != std::string_view::npos)) return std::nullopt;
    if (!known.takes_exponent) return QueueModel{known.function, 0};
    const std::string_view digits = text.substr(colon + 1);
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (exponent < 1 || exponent > max_exponent) return std::nullopt;
    return QueueModel{known.function, exponent};
  }
  return std::nullopt;
}

std::string QueueModel::name() const {
  const Named& named = functions[static_cast<std::size_t>(function)];
  std::string text{named.name};
  if (named.takes_exponent) text += ":" + std::to_string(exponent);
  return text;
}

double QueueModel::chance_behind(double behind, double ahead, double lot) const {
  if (ahead <= 0) return 1;
  switch (function) {
    case QueueFunction::risk_averse:
      return 1;
    case QueueFunction::power: {
      const double b = integer_power(behind, exponent);
      return b / (b + integer_power(ahead, exponent));
    }
    case QueueFunction::power2:
      return integer_power(behind, exponent) / integer_power(behind + ahead, exponent);
    case QueueFunction::power3:
      return 1 - integer_power(ahead / (ahead + behind), exponent);
    case QueueFunction::log: {
      const double b = det::log1p(behind * lot);
      return b / (b + det::log1p(ahead * lot));
    }
    case QueueFunction::log2:
      return det::log1p(behind * lot) / det::log1p((behind + ahead) * lot);
    case QueueFunction::optimistic:
      return 0;
  }
  return 1;
}

std::int64_t QueuePosition::whole_lots_ahead() const {
  const auto whole = static_cast<std::int64_t>(ahead_);
  return static_cast<double>(whole) < ahead_ ? whole + 1 : whole;
}

void QueuePosition::restart(std::optional<Qty> displayed) {
  known_ = displayed.has_value();
  displayed_ = displayed ? displayed->lots() : 0;
  ahead_ = static_cast<double>(displayed_);
  traded_ = 0;
}

void QueuePosition::on_trade(Qty qty) {
  if (!known_) return;
  ahead_ = std::max(ahead_ - static_cast<double>(qty.lots()), 0.0);
  traded_ += qty.lots();
}

void QueuePosition::on_depth(const QueueModel& model, Qty now, double lot) {
  if (!known_) {
    restart(now);
    return;
  }
  const auto q_new = static_cast<double>(now.lots());
  const double removed = static_cast<double>(displayed_ - now.lots() - traded_);
  if (model.function != QueueFunction::risk_averse && removed >= 0) {
    const double behind = std::max(static_cast<double>(displayed_) - ahead_, 0.0);
    const double share = model.chance_behind(behind, ahead_, lot);
    ahead_ = ahead_ - (1 - share) * removed + std::min(behind - share * removed, 0.0);
  }
  ahead_ = std::max(std::min(ahead_, q_new), 0.0);
  traded_ = 0;
  displayed_ = now.lots();
}

void QueuePosition::nothing_ahead() {
  known_ = true;
  ahead_ = 0;
}

void QueuePosition::on_resync(std::optional<Qty> displayed) {
  if (!known_) {
    restart(displayed);
    return;
  }
  if (displayed) {
    ahead_ = std::min(ahead_, static_cast<double>(displayed->lots()));
    displayed_ = displayed->lots();
  }
  traded_ = 0;
}

void QueuePosition::save(ByteWriter& out) const {
  out.put_double(ahead_);
  out.put_i64(displayed_);
  out.put_i64(traded_);
  out.put_u64(known_ ? 1 : 0);
}

QueuePosition QueuePosition::restore(ByteReader& in) {
  QueuePosition position;
  position.ahead_ = in.get_double();
  position.displayed_ = in.get_i64();
  position.traded_ = in.get_i64();
  position.known_ = in.get_u64() == 1;
  return position;
}

}  // namespace mm::sim
