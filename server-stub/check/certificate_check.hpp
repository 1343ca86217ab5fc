// Certificates and TLS keys as they rest: whether each is, to the byte, what the store's authority made. Whether one is
// still in its time is nothing that check asks.
#pragma once

#include <optional>
#include <string>

namespace annexa::store::check {

/// What is wrong with the chain that an enrolment was given: the certificate for that host and key, then its
/// authority's. Empty where nothing is. `authority`: PEM of the one that must have signed it, where that is known.
std::string wrong_with_client_chain(const std::string& chain, const std::string& host_id, const std::string& tls_key_id,
                                    const std::optional<std::string>& authority);

/// Of ca.crt alone, of ca.pem beside it, of server.pem under it.
std::string wrong_with_authority(const std::string& certificate);
std::string wrong_with_authority_key(const std::string& key, const std::string& certificate);
std::string wrong_with_server(const std::string& key_and_certificate, const std::string& authority);

}  // namespace annexa::store::check
