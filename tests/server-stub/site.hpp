// A store made by init and served on loopback, for tests of the whole server in one process.
#pragma once

#include "evidence/enrolment.hpp"
#include "server-stub/server/serving.hpp"
#include "tests/server-stub/tls_client.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_directory.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace annexa::store::test {

/// What command_init prints as JSON.
nlohmann::json make_store(const std::filesystem::path& data);

/// A host as its agent knows it.
struct EnrolledHost {
    evidence::PrivateKey key;
    TlsIdentity tls;
    evidence::Token token;
    evidence::EnrolmentRequest request;
    evidence::EnrolmentAnswer answer;
};

class Site {
  public:
    explicit Site(const ListenerLimits& limits = {});

    /// An administrative command's result. Throws std::runtime_error with its sentence.
    nlohmann::json administer(const std::string& command, const nlohmann::json& arguments);
    evidence::Token token(const std::string& role, nlohmann::json arguments = nlohmann::json::object());

    [[nodiscard]] TlsClient agent(const std::optional<TlsIdentity>& own = std::nullopt) const;
    [[nodiscard]] TlsClient person() const;

    /// A request as an agent makes it, and what is sent.
    static evidence::EnrolmentRequest request_for(const evidence::Token& token, const evidence::PrivateKey& key, const std::string& csr,
                                                  evidence::Instant now);
    Answer enrol(const evidence::Token& token, const evidence::EnrolmentRequest& request, const evidence::PrivateKey& key);
    EnrolledHost enrol(nlohmann::json token_arguments = nlohmann::json::object());

    annexa::test::TemporaryDirectory folder;
    std::filesystem::path data = folder / "store";
    nlohmann::json made = make_store(data);
    annexa::test::ManualClock clock{evidence::to_string(evidence::SystemClock{}.now())};
    Journal journal{Severity::error};
    Configuration configuration;
    std::unique_ptr<OpenStore> store;
    std::unique_ptr<Serving> serving;
};

/// "Authorization: Bearer …" as a header line.
std::string bearer(const evidence::Token& token);

}  // namespace annexa::store::test
