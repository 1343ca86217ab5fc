#include "tests/server-stub/tls_client.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <nlohmann/json.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace annexa::store::test {
namespace {

constexpr timeval patience{.tv_sec = 20, .tv_usec = 0};

X509* read_certificate(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    return PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
}

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    ::close(socket);
    throw std::runtime_error("connect");
}

int note_question(SSL*, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 1;
}

}  // namespace

std::string Answer::code() const {
    const auto parsed = nlohmann::json::parse(body, nullptr, false);
    return parsed.is_object() && parsed.contains("code") ? parsed.at("code").get<std::string>() : std::string{};
}

struct TlsClient::Parts {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session{nullptr, &SSL_free};
    int socket = -1;
    std::string buffer;
    bool asked = false;

    ~Parts() {
        session.reset();
        if (socket >= 0) ::close(socket);
    }

    /// False where the connection has ended.
    bool read_more() {
        char bytes[16384];
        const int count = SSL_read(session.get(), bytes, sizeof bytes);
        ERR_clear_error();
        if (count <= 0) return false;
        buffer.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
};

TlsClient::TlsClient(std::uint16_t port, const ClientOptions& options) : parts_{std::make_unique<Parts>()} {
    std::signal(SIGPIPE, SIG_IGN);  // a server that cuts us off is what many tests are about
    SSL_CTX* context = parts_->context.get();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_cb(context, note_question, &parts_->asked);
    const std::unique_ptr<X509, decltype(&X509_free)> authority(read_certificate(options.trust), &X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
    if (options.tls_1_2) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    if (options.own) {
        const std::unique_ptr<X509, decltype(&X509_free)> own(read_certificate(options.own->certificates), &X509_free);
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(options.own->key.data(), static_cast<int>(options.own->key.size())), &BIO_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
        if (SSL_CTX_use_certificate(context, own.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1)
            throw std::runtime_error("client certificate");
    }
    parts_->socket = connect_to(port);
    parts_->session.reset(SSL_new(context));
    SSL* session = parts_->session.get();
    SSL_set_fd(session, parts_->socket);
    SSL_set_tlsext_host_name(session, options.name.c_str());
    SSL_set1_host(session, options.name.c_str());
    if (SSL_connect(session) != 1) {
        ERR_clear_error();
        throw std::runtime_error("handshake");
    }
}

TlsClient::~TlsClient() = default;
TlsClient::TlsClient(TlsClient&&) noexcept = default;

bool TlsClient::try_send(std::string_view bytes) {
    while (!bytes.empty()) {
        const int count = SSL_write(parts_->session.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
        ERR_clear_error();
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void TlsClient::send(std::string_view bytes) {
    if (!try_send(bytes)) throw std::runtime_error("send");
}

std::optional<Answer> TlsClient::receive() {
    std::string& buffer = parts_->buffer;
    std::size_t end = std::string::npos;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
        if (!parts_->read_more()) return std::nullopt;
    Answer answer;
    answer.status = static_cast<unsigned>(std::stoul(buffer.substr(9, 3)));
    std::size_t at = buffer.find("\r\n") + 2;
    while (at < end + 2) {
        const std::size_t line_end = buffer.find("\r\n", at);
        const std::string line = buffer.substr(at, line_end - at);
        std::string name = line.substr(0, line.find(':'));
        for (char& c : name) c = static_cast<char>(std::tolower(c));
        answer.headers[name] = line.substr(line.find(':') + 2);
        at = line_end + 2;
    }
    buffer.erase(0, end + 4);
    if (answer.status == 100) return answer;
    const std::size_t length = answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
    while (buffer.size() < length)
        if (!parts_->read_more()) return std::nullopt;
    answer.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return answer;
}

std::optional<Answer> TlsClient::ask(std::string_view bytes) {
    send(bytes);
    return receive();
}

void TlsClient::end_sending() { SSL_shutdown(parts_->session.get()); }

bool TlsClient::ends_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    pollfd ready{.fd = parts_->socket, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return false;
    return !parts_->read_more();
}

std::string TlsClient::server_certificate() const {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(parts_->session.get()), &X509_free);
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate.get(), &bytes);
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

bool TlsClient::was_asked() const { return parts_->asked; }

std::string get(std::string_view path, std::string_view headers) {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} + "\r\n";
}

std::string with_body(std::string_view method, std::string_view path, std::string_view body, std::string_view headers) {
    return std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string{headers} + "\r\n" + std::string{body};
}

std::string says_without_tls(std::uint16_t port, std::string_view bytes) {
    const int socket = connect_to(port);
    ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::string said;
    char room[4096];
    for (ssize_t count = 0; (count = ::recv(socket, room, sizeof room, 0)) > 0;) said.append(room, static_cast<std::size_t>(count));
    ::close(socket);
    return said;
}

std::string chunk(std::string_view bytes) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + std::string{bytes} + "\r\n";
}

}  // namespace annexa::store::test
