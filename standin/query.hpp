#pragma once

// Path and query of a request's target.

#include <optional>
#include <string>
#include <string_view>

namespace mm::standin {

/// What stands before the query.
std::string_view path_of(std::string_view target);
/// The first value of a query parameter, percent-decoded.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

}  // namespace mm::standin
