#pragma once

// TLS: whom a client trusts, and what a server shows. TLS 1.2 and later; OpenSSL.

#include <memory>
#include <string>

#include "engine/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace mm::net {

/// Verifies the server's certificate chain and its name. Copies share one context.
class TlsClient {
 public:
  /// `ca_file`: PEM certificates to trust instead of the system's; empty: the system's.
  /// Throws Error(usage) naming the file if it cannot be read or holds no certificate.
  explicit TlsClient(const std::string& ca_file = {});
  boost::asio::ssl::context& context() const { return *context_; }

 private:
  std::shared_ptr<boost::asio::ssl::context> context_;
};

class TlsServer {
 public:
  /// PEM files. Throws Error(usage) naming the file at fault.
  TlsServer(const std::string& certificate_file, const std::string& key_file);
  /// Makes a key and a self-signed certificate for localhost, 127.0.0.1 and ::1, valid for 30
  /// days, and writes the certificate (not the key) to `certificate_file`, for a client's ca_file.
  static TlsServer self_signed(const std::string& certificate_file);
  boost::asio::ssl::context& context() const { return *context_; }

 private:
  TlsServer() = default;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace mm::net
