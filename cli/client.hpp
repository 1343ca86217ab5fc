// Requests to a store's API, over TLS that trusts the token's CA (and those of the system, for a people's listener that
// bears the organization's own certificate).
#pragma once

#include "evidence/errors.hpp"
#include "evidence/token.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::cli {

/// What does not fit in a change of records: which record (as the request named it), which member, what was expected.
struct Misfit {
    std::string record, path, message;
};

/// The store answered and said no: its stable code, its sentence; of a change of records each thing that does not fit.
class refused : public evidence::coded_error {
  public:
    refused(std::string code, const std::string& message, std::vector<Misfit> misfits = {})
        : coded_error{std::move(code), message}, misfits_{std::move(misfits)} {}
    [[nodiscard]] const std::vector<Misfit>& misfits() const { return misfits_; }

  private:
    std::vector<Misfit> misfits_;
};

/// Query arguments; empty values are left out.
using Arguments = std::vector<std::pair<std::string, std::string>>;

/// Throws refused, or evidence::error where the store cannot be reached or its answer is none of ours.
class Client {
  public:
    /// A token without a secret asks as nobody: to sign in by password.
    explicit Client(evidence::Token token);
    ~Client();

    [[nodiscard]] const evidence::Token& token() const { return token_; }

    nlohmann::json get(std::string_view path, const Arguments& arguments = {});
    nlohmann::json post(std::string_view path, const nlohmann::json& body);
    nlohmann::json put(std::string_view path, const nlohmann::json& body);
    /// PUT of bytes as they are.
    nlohmann::json upload(std::string_view path, const std::string& bytes);
    void remove(std::string_view path);
    /// Bytes as they are, at most 100 MiB.
    std::string download(std::string_view path);

  private:
    struct Connection;
    std::string request(const char* method, std::string_view path, const Arguments& arguments, const std::string* body,
                        const char* content_type = "application/json");

    evidence::Token token_;
    std::unique_ptr<Connection> connection_;
};

/// A text as one segment of a path: percent-encoded.
std::string path_segment(std::string_view text);

}  // namespace annexa::cli
