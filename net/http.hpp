#pragma once

// HTTP/1.1 requests and answers, as values.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mm::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of this name, any letter case; empty if there is none.
std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  HttpHeaders headers;  ///< besides Host, User-Agent, Content-Length, which are set by the sender
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  HttpHeaders headers;
  std::string body;
};

}  // namespace mm::net
