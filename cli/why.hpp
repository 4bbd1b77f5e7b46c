#pragma once

// Explanations of a session as text and JSON, and where they read it from.

#include <cstddef>
#include <string>

#include "cli/print_record.hpp"
#include "cli/session.hpp"
#include "journal/reader.hpp"
#include "research/why/fill_story.hpp"
#include "research/why/losses.hpp"
#include "research/why/moment_story.hpp"

namespace mm::cli {

/// A session of a journal as explanations read it; both are borrowed. Streams throw at damage.
research::why::Session why_session(const journal::Journal& journal,
                                   const journal::SessionInfo& session);

/// What both forms need to know.
struct WhyForm {
  const research::why::Session& session;
  const journal::SessionInfo& info;
  std::size_t width = 100;  ///< text: columns of a line
};

Json story_json(const WhyForm& form, const research::why::FillStory& story);
Json story_json(const WhyForm& form, const research::why::MomentStory& story);
Json story_json(const WhyForm& form, const research::why::LossReport& report);

std::string story_text(const WhyForm& form, const research::why::FillStory& story);
std::string story_text(const WhyForm& form, const research::why::MomentStory& story);
std::string story_text(const WhyForm& form, const research::why::LossReport& report);

/// What stood beside a fill, for facts_of() and cause_line().
research::why::FillFacts facts_of_story(const research::why::Session& session,
                                        const research::why::FillStory& story);

/// Lots that are not whole, as a decimal: an estimate of a queue.
std::string format_lots(const Instrument& instrument, double lots);
/// Money at two decimals, or eight for coins.
std::string short_money(const Instrument& instrument, Money money);

}  // namespace mm::cli
