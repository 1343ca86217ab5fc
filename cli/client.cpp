#include "cli/client.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/problem.hpp"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

namespace annexa::cli {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{100} << 20;  // the largest file that a store takes

struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// libcurl is set up once a process.
void set_up_curl() {
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (done != CURLE_OK) throw evidence::error("libcurl could not be set up");
}

std::string pem_of(const std::string& der) {
    return "-----BEGIN CERTIFICATE-----\n" + evidence::to_base64(der) + "\n-----END CERTIFICATE-----\n";
}

size_t take(char* bytes, size_t size, size_t count, void* into) {
    auto& answer = *static_cast<std::string*>(into);
    if (answer.size() + size * count > most_answer_bytes) return 0;
    answer.append(bytes, size * count);
    return size * count;
}

/// The list "problems" of a refusal; what is not of its form is left out.
std::vector<Misfit> misfits_of(const std::string& answer) {
    std::vector<Misfit> misfits;
    const nlohmann::json body = evidence::parse_json(answer, {.bytes = most_answer_bytes, .depth = 64});
    const auto problems = body.find("problems");
    if (problems == body.end() || !problems->is_array()) return misfits;
    const auto word = [](const nlohmann::json& problem, const char* name) {
        const auto found = problem.find(name);
        return found != problem.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    for (const nlohmann::json& problem : *problems)
        if (problem.is_object())
            misfits.push_back({word(problem, "record"), word(problem, "path"), word(problem, "message")});
    return misfits;
}

}  // namespace

struct Client::Connection {
    std::unique_ptr<CURL, Free> handle{curl_easy_init()};
    std::string authority;
    char problem[CURL_ERROR_SIZE] = "";

    template <typename Argument>
    void set(CURLoption option, Argument argument) {
        if (curl_easy_setopt(handle.get(), option, argument) != CURLE_OK)
            throw evidence::error("libcurl does not take an option that annexa needs");
    }
};

Client::Client(evidence::Token token) : token_{std::move(token)} {
    set_up_curl();
    connection_ = std::make_unique<Connection>();
    Connection& connection = *connection_;
    if (!connection.handle) throw evidence::error("libcurl could not be set up");
    connection.authority = pem_of(token_.ca);
    curl_blob authority{connection.authority.data(), connection.authority.size(), CURL_BLOB_NOCOPY};
    connection.set(CURLOPT_CAINFO_BLOB, &authority);
    connection.set(CURLOPT_PROTOCOLS_STR, "https");
    connection.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
    connection.set(CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    connection.set(CURLOPT_TIMEOUT_MS, 120000L);
    connection.set(CURLOPT_NOSIGNAL, 1L);
    connection.set(CURLOPT_ERRORBUFFER, connection.problem);
    connection.set(CURLOPT_WRITEFUNCTION, &take);
    connection.set(CURLOPT_USERAGENT, "annexa");
}

Client::~Client() = default;

std::string path_segment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain)
            out.push_back(c);
        else
            out += "%" + evidence::to_hex(std::string_view{&c, 1});
    }
    return out;
}

std::string Client::request(const char* method, std::string_view path, const Arguments& arguments,
                            const std::string* body, const char* content_type) {
    Connection& connection = *connection_;
    std::string url = token_.url + std::string{path};
    char separator = '?';
    for (const auto& [name, value] : arguments) {
        if (value.empty()) continue;
        url += separator + name + "=" + path_segment(value);
        separator = '&';
    }
    std::string answer;
    const std::string authorization = "Authorization: Bearer " + token_.bearer();
    std::unique_ptr<curl_slist, Free> headers;
    if (!token_.secret.empty()) headers.reset(curl_slist_append(nullptr, authorization.c_str()));
    if (body != nullptr) {
        headers.reset(curl_slist_append(headers.release(), (std::string{"Content-Type: "} + content_type).c_str()));
        connection.set(CURLOPT_POSTFIELDS, body->data());
        connection.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    } else {
        connection.set(CURLOPT_HTTPGET, 1L);
    }
    connection.set(CURLOPT_CUSTOMREQUEST, method);
    connection.set(CURLOPT_HTTPHEADER, headers.get());
    connection.set(CURLOPT_URL, url.c_str());
    connection.set(CURLOPT_WRITEDATA, &answer);
    connection.problem[0] = '\0';
    const CURLcode result = curl_easy_perform(connection.handle.get());
    if (result != CURLE_OK)
        throw evidence::error("cannot ask the store at " + token_.url + ": " +
                              (connection.problem[0] != '\0' ? connection.problem : curl_easy_strerror(result)) +
                              "; is it running, and is the token this store's?");
    long status = 0;
    curl_easy_getinfo(connection.handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return answer;
    if (const auto problem = evidence::parse_problem(answer))
        throw refused(problem->code, problem->detail.empty() ? problem->title : problem->detail, misfits_of(answer));
    throw evidence::error("the store at " + token_.url + " answered " + std::to_string(status) +
                          " with nothing that annexa knows");
}

nlohmann::json Client::get(std::string_view path, const Arguments& arguments) {
    return evidence::parse_json(request("GET", path, arguments, nullptr), {.bytes = most_answer_bytes, .depth = 64});
}

nlohmann::json Client::post(std::string_view path, const nlohmann::json& body) {
    const std::string text = body.dump();
    return evidence::parse_json(request("POST", path, {}, &text));
}

nlohmann::json Client::put(std::string_view path, const nlohmann::json& body) {
    const std::string text = body.dump();
    return evidence::parse_json(request("PUT", path, {}, &text));
}

nlohmann::json Client::upload(std::string_view path, const std::string& bytes) {
    return evidence::parse_json(request("PUT", path, {}, &bytes, "application/octet-stream"));
}

void Client::remove(std::string_view path) { static_cast<void>(request("DELETE", path, {}, nullptr)); }

std::string Client::download(std::string_view path) { return request("GET", path, {}, nullptr); }

}  // namespace annexa::cli
