#include "agent/transport.hpp"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace annexa::agent {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{4} << 20;

struct CleanUp {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > most_answer_bytes) return 0;
    body.append(data, size * count);
    return size * count;
}

int asked_to_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    pollfd watched{*static_cast<const int*>(stop), POLLIN, 0};
    return poll(&watched, 1, 0) == 1 ? 1 : 0;
}

class TlsTransport final : public Transport {
  public:
    TlsTransport(TlsSettings settings, int stop) : settings_{std::move(settings)}, stop_{stop} {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the other side has closed
        if (ready != CURLE_OK) throw transport_error("libcurl cannot be used");
    }

    StoreAnswer send(const StoreRequest& request) override {
        // One handle a kind of connection: a connection that has shown a certificate never serves a request that shows
        // none.
        std::unique_ptr<CURL, CleanUp>& handle = request.with_certificate ? with_certificate_ : without_;
        if (!handle) handle.reset(curl_easy_init());
        if (!handle) throw transport_error("libcurl cannot be used");
        CURL* curl = handle.get();
        curl_easy_reset(curl);  // keeps the connection
        StoreAnswer answer;
        char problem[CURL_ERROR_SIZE] = {};
        const std::unique_ptr<curl_slist, CleanUp> headers = prepare(curl, request, answer.body, problem);
        const CURLcode code = curl_easy_perform(curl);
        if (code != CURLE_OK)
            throw transport_error(settings_.url + ": " + (problem[0] != '\0' ? problem : curl_easy_strerror(code)));
        long status = 0;
        curl_off_t retry_after = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
        answer.status = static_cast<int>(status);
        if (retry_after > 0) answer.retry_after = std::chrono::seconds{std::min<curl_off_t>(retry_after, 86400)};
        return answer;
    }

    void use_certificate(const std::string& pem) override {
        settings_.certificate_pem = pem;
        with_certificate_.reset();  // its connection has shown the old one
    }

  private:
    std::unique_ptr<curl_slist, CleanUp> prepare(CURL* curl, const StoreRequest& request, std::string& body,
                                                 char* problem) {
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
        curl_easy_setopt(curl, CURLOPT_URL, (settings_.url + request.target).c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
        curl_easy_setopt(curl, CURLOPT_USERAGENT, settings_.user_agent.c_str());
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 600L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 64L);  // bytes a second, for so many seconds
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
        if (stop_ >= 0) {
            curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
            curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &asked_to_stop);
            curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop_);
        }
        trust(curl, request.with_certificate);

        curl_slist* headers = nullptr;
        if (!request.content_type.empty())
            headers = curl_slist_append(headers, ("Content-Type: " + request.content_type).c_str());
        if (request.bearer) headers = curl_slist_append(headers, ("Authorization: Bearer " + *request.bearer).c_str());
        headers = curl_slist_append(headers, "Expect:");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (request.method != "GET") {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        }
        return std::unique_ptr<curl_slist, CleanUp>{headers};
    }

    void trust(CURL* curl, bool with_certificate) {
        const auto blob = [](const std::string& bytes) {
            return curl_blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_COPY};
        };
        curl_blob ca = blob(settings_.ca_pem);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_3});
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // this CA and no other
        if (!with_certificate || settings_.certificate_pem.empty()) return;
        curl_blob certificate = blob(settings_.certificate_pem);
        curl_blob key = blob(settings_.key_pem);
        curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate);
        curl_easy_setopt(curl, CURLOPT_SSLCERTTYPE, "PEM");
        curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
        curl_easy_setopt(curl, CURLOPT_SSLKEYTYPE, "PEM");
    }

    TlsSettings settings_;
    int stop_;
    std::unique_ptr<CURL, CleanUp> with_certificate_, without_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(TlsSettings settings, int stop) {
    return std::make_unique<TlsTransport>(std::move(settings), stop);
}

}  // namespace annexa::agent
