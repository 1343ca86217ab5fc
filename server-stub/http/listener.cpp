// The only file with Beast, Asio, TLS streams and coroutines.
//
// GCC 12 destroys twice what is a temporary with a destructor, a conditional or a braced list in the operand of co_await.
// So every such operand below is a call whose arguments are named, and everything that is not waiting is a plain function.
//
// Each connection is one coroutine on a strand of its own. It owns its socket; the registry holds a weak pointer, for
// stop(). Nothing of a request outlives it but what stands in `buffer_`: the bytes of requests that came too early, at
// most buffer_bytes of them (so pipelining is bounded by not reading).
#include "server-stub/http/listener.hpp"

#include "evidence/errors.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace annexa::store {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;
using Strand = asio::strand<asio::io_context::executor_type>;
using TcpStream = beast::basic_stream<tcp, Strand>;
using TlsStream = beast::ssl_stream<TcpStream>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t buffer_bytes = 32768;
constexpr std::size_t linger_bytes = std::size_t{1} << 20;  // of a refused body, read and thrown away so that the answer arrives
constexpr milliseconds linger{2'000};
constexpr auto waiting = asio::as_tuple(asio::use_awaitable);

// ------------------------------------------------------------------------------------------------------------ TLS

int take_any_certificate(X509_STORE_CTX*, void*) {
    return 1;  // the handshake proves that the client holds the key; whose it is, and until when, Service::identify decides
}

[[noreturn]] void tls_failure(const std::string& what) { throw evidence::error("TLS: " + what); }

std::shared_ptr<ssl::context> make_context(Listener listener, const TlsIdentity& tls, std::string_view authority) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION) != 1) tls_failure("OpenSSL does not have TLS 1.3");
    SSL_CTX_set_num_tickets(native, 0);  // no resumption: each connection shows its certificate anew
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(native, 16384);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    boost::system::error_code failure;
    context->use_certificate_chain(asio::buffer(tls.certificates), failure);
    if (failure) tls_failure("the certificate cannot be used: " + failure.message());
    context->use_private_key(asio::buffer(tls.key), ssl::context::pem, failure);
    if (failure) tls_failure("the key cannot be used: " + failure.message());
    if (SSL_CTX_check_private_key(native) != 1) tls_failure("the key is not that of the certificate");
    if (listener == Listener::agents) {
        SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);  // asks; without FAIL_IF_NO_PEER_CERT, so none is no failure
        SSL_CTX_set_cert_verify_callback(native, take_any_certificate, nullptr);
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size())), &BIO_free);
        const std::unique_ptr<X509, decltype(&X509_free)> ca(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
        if (!ca || SSL_CTX_add_client_CA(native, ca.get()) != 1) tls_failure("the authority's certificate cannot be used");
    }
    return context;
}

std::string peer_certificate(SSL* session) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(session), &X509_free);
    if (!certificate) return {};
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate.get(), &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

// ------------------------------------------------------------------------------------------------------------ pool

/// Runs plain work on a thread of the pool and goes on, on the coroutine's own strand, with what it returned.
template <class Result, class Work>
asio::awaitable<Result> on_pool(asio::thread_pool& pool, Work& work) {
    auto initiate = [&pool, &work](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        asio::post(pool, [shared, &work] {
            auto result = std::make_shared<Result>(work());
            auto executor = asio::get_associated_executor(*shared);
            asio::post(executor, [shared, result] { (*shared)(std::move(*result)); });
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result)>(initiate, asio::use_awaitable);
}

/// Bytes of bodies that are held at once; refuses rather than grows.
class Budget {
  public:
    Budget(std::atomic<std::size_t>& held, std::size_t limit) : held_{held}, limit_{limit} {}
    ~Budget() { held_ -= taken_; }
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;
    bool take(std::size_t bytes) {
        if (held_.fetch_add(bytes) + bytes > limit_) {
            held_ -= bytes;
            return false;
        }
        taken_ += bytes;
        return true;
    }

  private:
    std::atomic<std::size_t>& held_;
    std::size_t limit_;
    std::size_t taken_ = 0;
};

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

/// Without the dress of IPv6 that a socket for both families puts on an IPv4 peer.
asio::ip::address plain(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address;
}

/// What counts as one address for the limit: of IPv6 the network, since whoever has one address has its 2^64.
std::string limited_as(const asio::ip::address& address) {
    if (address.is_v4()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    if (!address.is_loopback()) std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return asio::ip::address_v6{bytes}.to_string();
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------ connection

struct HttpServer::Impl {
    class Connection;

    struct Door {
        explicit Door(const Strand& strand) : acceptor{strand}, pause{strand} {}
        tcp::acceptor acceptor;
        asio::steady_timer pause;
        std::shared_ptr<ssl::context> context;
        std::string authority;
    };

    Impl(Service& service_, const ListenerLimits& limits_, unsigned pool_threads)
        : service{service_}, limits{limits_}, pool{pool_threads} {}

    asio::awaitable<void> accept(Listener listener);
    std::shared_ptr<Connection> admit(Listener listener, TcpStream&& stream);
    void leave(const Connection& connection);

    /// The connections that there are, held so that they stay while they are told something.
    std::vector<std::shared_ptr<Connection>> all();
    void tell(void (Connection::*what)());
    bool wait_until_empty(milliseconds time);

    Service& service;
    const ListenerLimits limits;
    std::atomic<std::size_t> body_bytes{0};
    std::atomic<bool> stopping{false};
    std::mutex mutex;  // guards the registry: connections, per_address, and Door::context
    std::condition_variable empty;
    std::map<const Connection*, std::weak_ptr<Connection>> connections;
    std::map<std::string, std::size_t> per_address;
    asio::io_context io;  // below the registry: what is left of the coroutines is destroyed with it, and leaves the registry
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    asio::thread_pool pool;
    std::vector<std::thread> threads;
    std::map<Listener, Door> doors;
};

class HttpServer::Impl::Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Impl& server, Listener listener, TcpStream&& stream, std::shared_ptr<ssl::context> context, asio::ip::address address)
        : server_{server},
          listener_{listener},
          context_{std::move(context)},
          stream_{std::move(stream), *context_},
          address_{std::move(address)} {}
    ~Connection() { server_.leave(*this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] const asio::ip::address& address() const { return address_; }
    auto executor() { return stream_.get_executor(); }

    /// On its strand. What waits for a next request ends now; what is under way answers first.
    void stop() {
        if (idle_) beast::get_lowest_layer(stream_).cancel();
    }
    /// On its strand.
    void cut() { beast::get_lowest_layer(stream_).close(); }

    asio::awaitable<void> run();

  private:
    using Parser = http::request_parser<http::string_body>;

    asio::awaitable<bool> read_header(Parser& parser);
    asio::awaitable<bool> read_body(Parser& parser, std::size_t limit, Budget& budget);
    asio::awaitable<bool> serve(Parser& parser);
    asio::awaitable<bool> send(Response& response, bool keep_alive, unsigned version);
    asio::awaitable<bool> refuse(std::string_view code, std::string_view detail);
    asio::awaitable<void> close();

    std::optional<std::string> head_of(const Parser& parser, Request& request) const;
    void expires_after(milliseconds time) { beast::get_lowest_layer(stream_).expires_after(time); }

    Impl& server_;
    Listener listener_;
    std::shared_ptr<ssl::context> context_;
    TlsStream stream_;
    beast::flat_buffer buffer_{buffer_bytes};
    asio::ip::address address_;
    bool idle_ = false;
    ClientIdentity client_;
};

asio::awaitable<void> HttpServer::Impl::Connection::run() {
    if (server_.stopping) co_return;
    idle_ = true;  // a handshake is nothing that a stop waits for
    expires_after(server_.limits.handshake);
    const auto role = ssl::stream_base::server;
    const auto [failure] = co_await stream_.async_handshake(role, waiting);
    if (failure) {
        server_.service.refused(listener_, "handshake");
        co_return;
    }
    if (listener_ == Listener::agents) {
        const std::string certificate = peer_certificate(stream_.native_handle());
        client_ = server_.service.identify(certificate);
    }
    bool more = true;
    while (more && !server_.stopping) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(server_.limits.header_bytes));
        parser.body_limit(boost::none);  // the route's limit, as soon as the route is known
        more = co_await read_header(parser);
        if (more) more = co_await serve(parser);
    }
    co_await close();
}

/// False: the connection has nothing more to say, or was answered with what was wrong.
asio::awaitable<bool> HttpServer::Impl::Connection::read_header(Parser& parser) {
    if (buffer_.size() == 0) {
        idle_ = true;
        expires_after(server_.limits.idle);
        const auto room = buffer_.prepare(4096);
        const auto [failure, count] = co_await stream_.async_read_some(room, waiting);
        if (failure) co_return false;
        buffer_.commit(count);
    }
    idle_ = false;
    expires_after(server_.limits.header);
    const auto [failure, count] = co_await http::async_read_header(stream_, buffer_, parser, waiting);
    if (!failure) co_return true;
    bool answered = false;
    if (failure == beast::error::timeout) {
        server_.service.refused(listener_, "too_slow");  // Beast has closed the socket: there is no way to say so
    } else if (failure == http::error::header_limit || failure == http::error::buffer_overflow) {
        answered = co_await refuse("headers_too_large", "the request line and headers are longer than this server reads");
    } else if (failure.category() == make_error_code(http::error::bad_method).category() && failure != http::error::end_of_stream &&
               failure != http::error::partial_message) {
        answered = co_await refuse("bad_request", "this is not HTTP/1.1 as this server reads it");
    }
    (void)answered;
    co_return false;
}

/// Nothing where all is well, else the code of the refusal.
std::optional<std::string> HttpServer::Impl::Connection::head_of(const Parser& parser, Request& request) const {
    const auto& message = parser.get();
    request.method = std::string{message.method_string()};
    request.listener = listener_;
    request.address = address_.to_string();
    request.loopback = address_.is_loopback();
    request.client = client_;
    request.path = std::string{message.target()};  // as it came: Service::admit decodes it
    unsigned authorizations = 0;
    for (const auto& field : message) {
        if (request.headers.size() == server_.limits.header_fields) return "headers_too_large";
        if (field.name() == http::field::authorization) ++authorizations;
        request.headers.emplace_back(lower(field.name_string()), std::string{field.value()});
    }
    if (authorizations > 1) return "bad_request";
    return std::nullopt;
}

/// Answers one request. False: the connection ends.
asio::awaitable<bool> HttpServer::Impl::Connection::serve(Parser& parser) {
    Request request;
    if (const auto refusal = head_of(parser, request)) {
        const bool answered = co_await refuse(*refusal, "too many headers, or one twice that may stand once");
        co_return answered;
    }
    Service& service = server_.service;
    beast::get_lowest_layer(stream_).expires_never();
    auto admit = [&service, &request] { return service.admit(request); };
    std::variant<Admission, Response> decided = co_await on_pool<std::variant<Admission, Response>>(server_.pool, admit);

    const bool has_body = !parser.is_done();
    const unsigned version = parser.get().version();
    const bool keep_alive = parser.keep_alive();
    if (auto* refusal = std::get_if<Response>(&decided)) {
        const bool keep = keep_alive && !has_body;
        const bool kept = co_await send(*refusal, keep, version);
        co_return kept && keep;
    }
    const Admission admission = std::get<Admission>(decided);
    Budget budget{server_.body_bytes, server_.limits.body_bytes_in_flight};
    if (has_body) {
        const bool arrived = co_await read_body(parser, admission.body_bytes, budget);
        if (!arrived) co_return false;
    }
    request.body = std::move(parser.get().body());
    auto answer = [&service, &admission, &request] { return service.answer(admission, request); };
    beast::get_lowest_layer(stream_).expires_never();
    Response response = co_await on_pool<Response>(server_.pool, answer);
    const bool keep = keep_alive && !server_.stopping;
    const bool kept = co_await send(response, keep, version);
    co_return kept && keep;
}

asio::awaitable<bool> HttpServer::Impl::Connection::read_body(Parser& parser, std::size_t limit, Budget& budget) {
    const auto announced = parser.content_length();
    bool refused = false;
    if (limit == 0) {
        refused = co_await refuse("too_large", "this address takes no body");
        co_return false;
    }
    if (announced && *announced > limit) {
        refused = co_await refuse("too_large", "the body is longer than this address takes");
        co_return false;
    }
    const std::size_t most = announced ? static_cast<std::size_t>(*announced) : limit;
    if (!budget.take(most)) {
        refused = co_await refuse("busy", "too many bodies are being received");
        co_return false;
    }
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto bytes = asio::buffer(go_on);
        expires_after(server_.limits.header);
        const auto [failure, count] = co_await asio::async_write(stream_, bytes, waiting);
        if (failure) co_return false;
    }
    parser.body_limit(limit);
    const auto begin = steady_clock::now();
    while (!parser.is_done()) {
        const std::size_t seconds = parser.get().body().size() / server_.limits.body_bytes_per_s;
        beast::get_lowest_layer(stream_).expires_at(begin + server_.limits.body + std::chrono::seconds{seconds});
        const auto [failure, count] = co_await http::async_read_some(stream_, buffer_, parser, waiting);
        if (!failure) continue;
        if (failure == http::error::body_limit)
            refused = co_await refuse("too_large", "the body is longer than this address takes");
        else if (failure == beast::error::timeout)
            server_.service.refused(listener_, "too_slow");
        else if (failure == http::error::partial_message || failure == asio::error::eof || failure == ssl::error::stream_truncated)
            refused = co_await refuse("truncated", "the body ended before its announced length");
        else if (failure.category() == make_error_code(http::error::bad_chunk).category())
            refused = co_await refuse("bad_request", "the body is not encoded as its headers say");
        (void)refused;
        co_return false;
    }
    co_return true;
}

/// Answers with a problem and ends the connection: always false.
asio::awaitable<bool> HttpServer::Impl::Connection::refuse(std::string_view code, std::string_view detail) {
    server_.service.refused(listener_, code);
    Response response = server_.service.refusal(code, detail);
    const bool sent = co_await send(response, false, 11);
    (void)sent;
    co_return false;
}

asio::awaitable<bool> HttpServer::Impl::Connection::send(Response& response, bool keep_alive, unsigned version) {
    http::response<http::string_body> message{static_cast<http::status>(response.status), version};
    message.set(http::field::server, "annexa");
    message.set(http::field::content_type, response.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    message.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(keep_alive);
    message.body() = std::move(response.body);
    message.prepare_payload();
    const std::size_t seconds = message.body().size() / server_.limits.body_bytes_per_s;
    expires_after(server_.limits.body + std::chrono::seconds{seconds});
    const auto [failure, count] = co_await http::async_write(stream_, message, waiting);
    co_return !failure;
}

/// Ends the TLS session. What the client is still sending is read for a moment: a reset would take the answer from it.
asio::awaitable<void> HttpServer::Impl::Connection::close() {
    idle_ = true;
    expires_after(linger);
    const auto [failure] = co_await stream_.async_shutdown(waiting);
    if (failure == beast::error::timeout) co_return;
    auto& socket = beast::get_lowest_layer(stream_);
    boost::system::error_code ignored;
    socket.socket().shutdown(tcp::socket::shutdown_send, ignored);
    std::size_t discarded = 0;
    std::array<char, 4096> bin{};
    const auto room = asio::buffer(bin);
    expires_after(linger);
    while (discarded < linger_bytes) {
        const auto [end, count] = co_await socket.async_read_some(room, waiting);
        if (end) break;
        discarded += count;
    }
}

// ------------------------------------------------------------------------------------------------------------ server

std::shared_ptr<HttpServer::Impl::Connection> HttpServer::Impl::admit(Listener listener, TcpStream&& stream) {
    boost::system::error_code gone;
    const auto peer = stream.socket().remote_endpoint(gone);
    if (gone) return nullptr;
    const asio::ip::address client = plain(peer.address());
    const std::string address = limited_as(client);
    const std::lock_guard lock{mutex};
    std::size_t& of_address = per_address[address];
    if (stopping || connections.size() >= limits.connections || of_address >= limits.connections_per_address) {
        if (of_address == 0) per_address.erase(address);
        return nullptr;
    }
    ++of_address;
    auto connection = std::make_shared<Connection>(*this, listener, std::move(stream), doors.at(listener).context, client);
    connections.emplace(connection.get(), connection);
    return connection;
}

void HttpServer::Impl::leave(const Connection& connection) {
    const std::lock_guard lock{mutex};
    connections.erase(&connection);
    const auto found = per_address.find(limited_as(connection.address()));
    if (found != per_address.end() && --found->second == 0) per_address.erase(found);
    if (connections.empty()) empty.notify_all();
}

std::vector<std::shared_ptr<HttpServer::Impl::Connection>> HttpServer::Impl::all() {
    std::vector<std::shared_ptr<Connection>> found;
    const std::lock_guard lock{mutex};
    for (const auto& [key, weak] : connections)
        if (auto connection = weak.lock()) found.push_back(std::move(connection));
    return found;
}

void HttpServer::Impl::tell(void (Connection::*what)()) {
    for (const std::shared_ptr<Connection>& connection : all())
        asio::post(connection->executor(), [connection, what] { (connection.get()->*what)(); });
}

bool HttpServer::Impl::wait_until_empty(milliseconds time) {
    std::unique_lock lock{mutex};
    return empty.wait_for(lock, time, [this] { return connections.empty(); });
}

asio::awaitable<void> HttpServer::Impl::accept(Listener listener) {
    Door& door = doors.at(listener);
    while (!stopping) {
        TcpStream stream{asio::make_strand(io)};
        auto& socket = stream.socket();
        const auto [failure] = co_await door.acceptor.async_accept(socket, waiting);
        if (failure == asio::error::operation_aborted) co_return;
        if (failure) {  // out of descriptors, most likely: those that end free some
            service.refused(listener, "accept");
            door.pause.expires_after(milliseconds{100});
            const auto [stopped] = co_await door.pause.async_wait(waiting);
            if (stopped) co_return;
            continue;
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
        const std::shared_ptr<Connection> connection = admit(listener, std::move(stream));
        if (!connection) {
            service.refused(listener, "connections");
            continue;  // closed by its destructor, before any TLS
        }
        const auto executor = connection->executor();
        asio::co_spawn(
            executor, [connection]() -> asio::awaitable<void> { return connection->run(); },
            [connection](const std::exception_ptr&) {});
    }
}

HttpServer::HttpServer(Service& service, const ListenerLimits& limits, unsigned pool_threads)
    : impl_{std::make_unique<Impl>(service, limits, pool_threads)} {}

HttpServer::~HttpServer() { stop(); }

ListenAddress HttpServer::listen(Listener listener, const ListenAddress& address, const TlsIdentity& tls, std::string_view authority) {
    const auto [place, made] = impl_->doors.try_emplace(listener, asio::make_strand(impl_->io));
    Impl::Door& door = place->second;
    door.authority = std::string{authority};
    door.context = make_context(listener, tls, authority);
    const tcp::endpoint endpoint{asio::ip::make_address(address.address), address.port};
    const std::string shown = address.address + " port " + std::to_string(address.port);
    boost::system::error_code failure;
    door.acceptor.open(endpoint.protocol(), failure);
    if (!failure) door.acceptor.set_option(tcp::acceptor::reuse_address{true}, failure);
    if (!failure) door.acceptor.bind(endpoint, failure);
    if (!failure) door.acceptor.listen(1024, failure);
    if (failure) throw evidence::error("cannot listen at " + shown + ": " + failure.message());
    return {.address = address.address, .port = door.acceptor.local_endpoint().port()};
}

void HttpServer::use_certificate(Listener listener, const TlsIdentity& tls) {
    Impl::Door& door = impl_->doors.at(listener);
    auto context = make_context(listener, tls, door.authority);
    const std::lock_guard lock{impl_->mutex};
    door.context = std::move(context);
}

void HttpServer::start() {
    Impl& impl = *impl_;
    for (auto& [listener, door] : impl.doors) {
        const Listener which = listener;
        const auto executor = door.acceptor.get_executor();
        asio::co_spawn(
            executor, [&impl, which]() -> asio::awaitable<void> { return impl.accept(which); }, asio::detached);
    }
    const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
    for (unsigned i = 0; i < count; ++i) impl.threads.emplace_back([&impl] { impl.io.run(); });
}

void HttpServer::stop() {
    Impl& impl = *impl_;
    if (impl.stopping.exchange(true)) return;
    for (auto& [listener, door] : impl.doors) {
        Impl::Door* closing = &door;
        asio::post(door.acceptor.get_executor(), [closing] {
            boost::system::error_code ignored;
            closing->acceptor.close(ignored);
            closing->pause.cancel();
        });
    }
    if (!impl.threads.empty()) {
        impl.tell(&Impl::Connection::stop);
        if (!impl.wait_until_empty(impl.limits.stop)) {
            impl.tell(&Impl::Connection::cut);
            impl.wait_until_empty(linger);
        }
    }
    impl.pool.join();
    impl.io.stop();
    for (std::thread& thread : impl.threads) thread.join();
}

std::size_t HttpServer::connections() const {
    const std::lock_guard lock{impl_->mutex};
    return impl_->connections.size();
}

}  // namespace annexa::store
