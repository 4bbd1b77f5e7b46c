#pragma once

// VenueServer: a StandIn on a real port.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/server.hpp"
#include "standin/stand_in.hpp"

namespace mm::standin {

class VenueServer {
 public:
  /// Listens at once; `tls` may be null. Throws like net::Server.
  VenueServer(net::Loop& loop, const std::string& address, std::uint16_t port,
              const net::TlsServer* tls, StandIn& stand_in);
  ~VenueServer();
  VenueServer(const VenueServer&) = delete;
  VenueServer& operator=(const VenueServer&) = delete;

  std::uint16_t port() const;
  /// Called where the market cannot be read any further; the server goes on without it.
  void on_failure(std::function<void(const std::string&)> handler);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mm::standin
