#include "net/url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mm::net {
namespace {

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? 443 : 80;
}

Url with(const Url& url, std::string scheme, std::string_view target) {
  Url changed = url;
  changed.scheme = std::move(scheme);
  changed.target = target;
  return changed;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? name : name + ":" + std::to_string(port);
}

std::string Url::text() const {
  return scheme + "://" + authority() + target;
}

Url Url::websocket(std::string_view new_target) const {
  return with(*this, secure() ? "wss" : "ws", new_target);
}

Url Url::http(std::string_view new_target) const {
  return with(*this, secure() ? "https" : "http", new_target);
}

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [text](std::string_view what) {
    return Error(ErrorKind::usage, "'" + std::string(text) +
                                       "' is not a URL: " + std::string(what) +
                                       "; expected http, https, ws or wss://HOST[:PORT][/PATH]");
  };
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return wrong("it has no scheme");
  url.scheme = text.substr(0, colon);
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss")
    return wrong("the scheme is '" + url.scheme + "'");
  std::string_view rest = text.substr(colon + 3);
  if (rest.find('#') != std::string_view::npos) return wrong("it has a fragment");
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(rest.begin(), rest.end(), printable)) return wrong("it has blanks");

  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  url.target = rest.substr(path);
  if (url.target.empty() || url.target.front() == '?') url.target.insert(0, "/");
  std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) return wrong("it holds a user name");

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return wrong("a bracket is not closed");
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return wrong("the address is followed by text");
  } else {
    url.host = authority.substr(0, authority.find(':'));
    port = authority.substr(url.host.size());
  }
  if (url.host.empty()) return wrong("it has no host");
  url.port = default_port(url.scheme);
  if (!port.empty()) {
    port.remove_prefix(1);
    const char* end = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data(), end, url.port);
    if (error != std::errc{} || stop != end || url.port == 0)
      return wrong("the port is '" + std::string(port) + "'");
  }
  return url;
}

}  // namespace mm::net
