#pragma once

// The parts that explanations are made of, as JSON: prices, quantities and money as decimal
// strings, bps and milliseconds as numbers, times as RFC 3339, null for what is not known.

#include <optional>
#include <string_view>
#include <vector>

#include "cli/why.hpp"

namespace mm::cli {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_milliseconds(Duration duration);

class WhyJson {
 public:
  explicit WhyJson(const WhyForm& form) : form_(form), instrument_(form.session.quoted()) {}
  Json price(Price value) const;
  Json price(const std::optional<double>& units) const;
  Json qty(Qty value) const;
  Json lots(const std::optional<double>& value) const;
  Json lots(std::int64_t value) const;
  static Json money(Money value);
  static Json money(Int128 units);
  static Json money(const std::optional<Money>& value);
  Json head() const;
  Json levels(const std::vector<research::why::LevelShot>& levels) const;
  Json orders(const std::vector<Order>& orders) const;
  Json book(const research::why::BookShot& shot) const;
  Json book(const std::optional<research::why::BookShot>& shot) const;
  Json account(const research::why::AccountShot& account) const;
  Json account(const std::optional<research::why::AccountShot>& shot) const;
  static Json parameters(std::string_view lines);
  static Json parameters(const std::vector<research::why::ParameterNews>& news);
  Json walls(const std::optional<WallContext>& walls) const;
  /// `moment`: what the shot is of.
  Json models(const std::optional<research::why::ModelShot>& shot, Time moment) const;
  Json prediction(const std::optional<research::why::LoggedPrediction>& of) const;
  Json fill_note(const std::optional<FillNote>& of) const;
  Json lead(const std::optional<LeadReading>& of) const;
  Json features(const Features& of) const;
  Json note(const research::why::Note& of) const;
  Json leads(const std::vector<research::why::LeadMove>& leads) const;
  static Json answer(const std::optional<research::why::Answer>& answer);
  Json step(const research::why::OrderStep& step) const;
  Json queue(const research::why::FillStory& story) const;
  Json decision(const research::why::FillStory& story) const;
  Json latency(const research::why::FillStory& story) const;
  Json taker(const std::optional<research::why::TakerOrder>& taker, const Fill& fill) const;
  Json markouts(const research::MarkedFill& marked) const;

 private:
  const WhyForm& form_;
  const Instrument& instrument_;
};

}  // namespace mm::cli
