#include "net/tls.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace mm::net {
namespace {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // A session ticket after the handshake would be read as data that never comes to an end.
  SSL_CTX_set_num_tickets(context->native_handle(), 0);
  return context;
}

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw Error(ErrorKind::usage, "TLS: cannot use " + file + ": " + why);
}

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;

void add_extension(X509* certificate, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  if (extension == nullptr) throw Error(ErrorKind::venue, "TLS: cannot make a certificate");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key) {
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), 2);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30L * 24 * 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const unsigned char text[] = "mmctl local venue";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0)
    throw Error(ErrorKind::venue, "TLS: cannot sign a certificate");
  return certificate;
}

}  // namespace

TlsClient::TlsClient(const std::string& ca_file)
    : context_(make_context(ssl::context::tls_client)) {
  boost::system::error_code error;
  if (ca_file.empty()) {
    context_->set_default_verify_paths(error);
  } else {
    context_->load_verify_file(ca_file, error);
  }
  if (error) refuse(ca_file.empty() ? "the system's certificates" : ca_file, error.message());
  context_->set_verify_mode(ssl::verify_peer);
}

TlsServer::TlsServer(const std::string& certificate_file, const std::string& key_file)
    : context_(make_context(ssl::context::tls_server)) {
  boost::system::error_code error;
  context_->use_certificate_chain_file(certificate_file, error);
  if (error) refuse(certificate_file, error.message());
  context_->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) refuse(key_file, error.message());
}

TlsServer TlsServer::self_signed(const std::string& certificate_file) {
  const Key key{EVP_EC_gen("P-256")};
  if (!key) throw Error(ErrorKind::venue, "TLS: cannot make a key");
  const Certificate certificate = make_certificate(key.get());
  TlsServer server;
  server.context_ = make_context(ssl::context::tls_server);
  SSL_CTX_use_certificate(server.context_->native_handle(), certificate.get());
  SSL_CTX_use_PrivateKey(server.context_->native_handle(), key.get());

  std::FILE* file = std::fopen(certificate_file.c_str(), "w");
  if (file == nullptr) refuse(certificate_file, std::strerror(errno));
  const bool written = PEM_write_X509(file, certificate.get()) == 1;
  if (std::fclose(file) != 0 || !written) refuse(certificate_file, "it cannot be written");
  return server;
}

}  // namespace mm::net
