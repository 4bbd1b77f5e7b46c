#pragma once

// How a client gets from a URL to a stream it can talk over. For net/*.cpp only: pulls in Beast.

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <string>
#include <type_traits>

#include "net/url.hpp"

namespace mm::net {

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;
template <class Stream>
inline constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

/// Certificate name and server name indication for a connection to `host`.
inline void expect_host(TlsStream& stream, const std::string& host) {
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  if (not_an_address)  // OpenSSL's macro for this is a C cast around the same call
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  stream.set_verify_callback(boost::asio::ssl::host_name_verification(host));
}

/// Resolves, connects and, for TlsStream, shakes hands. Calls owner->dialled(sentence), the
/// sentence empty on success, unless owner->over() by then: whoever gives up closes the stream's
/// socket.
template <class Stream, class Owner>
void dial(Stream& stream, const Url& url, std::shared_ptr<Owner> owner) {
  using boost::system::error_code;
  using Tcp = boost::asio::ip::tcp;
  const auto connected = [&stream, owner](const error_code& error, const Tcp::endpoint&) {
    if (owner->over()) return;
    if (error) return owner->dialled("cannot connect: " + error.message());
    error_code ignored;
    boost::beast::get_lowest_layer(stream).socket().set_option(Tcp::no_delay(true), ignored);
    if constexpr (is_tls<Stream>) {
      stream.async_handshake(
          boost::asio::ssl::stream_base::client, [owner](const error_code& failed) {
            if (owner->over()) return;
            owner->dialled(failed ? "TLS handshake failed: " + failed.message() : "");
          });
    } else {
      owner->dialled("");
    }
  };
  if constexpr (is_tls<Stream>) expect_host(stream, url.host);
  auto resolver = std::make_shared<Tcp::resolver>(stream.get_executor());
  resolver->async_resolve(url.host, std::to_string(url.port),
                          [&stream, owner, resolver, connected](
                              const error_code& error, const Tcp::resolver::results_type& places) {
                            if (owner->over()) return;
                            if (error)
                              return owner->dialled("cannot resolve the name: " + error.message());
                            boost::beast::get_lowest_layer(stream).async_connect(places, connected);
                          });
}

}  // namespace mm::net
