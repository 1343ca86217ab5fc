// Enrolling this host with a store: keys are made here, the store's answer is verified wholly before anything of it is
// kept.
//
// Safe to be ended at any point: the keys are kept before they are used, and the same token with the same evidence key
// gets the same answer again; enrolment.json, written last, is what makes this folder enrolled.
#pragma once

#include "agent/identity.hpp"
#include "agent/state_folder.hpp"
#include "agent/transport.hpp"
#include "evidence/instant.hpp"
#include "evidence/token.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace annexa::agent {

using MakeTransport = std::function<std::unique_ptr<Transport>(const TlsSettings&)>;

struct EnrolmentResult {
    Enrolment enrolment;
    bool unchanged = false;   // this host was enrolled already
    bool was_cloned = false;  // an identity of another machine was removed first
};

/// Throws error: a token that is not an agent's, a store that refuses (its code and words), an answer that does not
/// verify.
EnrolmentResult enrol(const StateFolder& folder, const evidence::Token& token, const std::string& host_name,
                      const std::optional<evidence::Digest>& machine, const MakeTransport& transport,
                      const evidence::Clock& clock);

}  // namespace annexa::agent
