#pragma once

// Errors that are values: bad bytes, bad configuration, a world that refuses.
//
// Decoders return Result<T>; what touches files and sockets throws Error. engine, strategies and
// sim do neither: absence is std::optional, and an outcome of the domain is an event.

#include <boost/system/result.hpp>
#include <exception>
#include <string>
#include <utility>

namespace mm {

/// What kind of trouble; `mmctl` turns it into its exit code (docs/cli.md).
enum class ErrorKind {
  usage,  ///< a flag, value, name or window the user gave: exit 2
  data,   ///< a file missing, damaged, alien, locked, read-only or a full disk: exit 3
  venue,  ///< a venue or the network: exit 4
};

/// One sentence for the user: what was tried, on what, what was found, what to do next.
class Error : public std::exception {
 public:
  Error() = default;  ///< no error: what Result<T>::error() gives when there is a value
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorKind kind_ = ErrorKind::data;
  std::string message_;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw error;
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace mm
