#include "evidence/envelope.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/members.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::evidence {

using nlohmann::json;

std::string pre_authentication_encoding(std::string_view type, std::string_view payload) {
    std::string bytes = "DSSEv1 " + std::to_string(type.size()) + " ";
    bytes.append(type).append(" ").append(std::to_string(payload.size())).append(" ").append(payload);
    return bytes;
}

Envelope seal(std::string payload, const PrivateKey& key) {
    if (payload.size() > largest_payload_bytes)
        throw coded_error("too_large", "a payload of " + std::to_string(payload.size()) + " bytes; at most " +
                                           std::to_string(largest_payload_bytes) + " fit into an entry");
    const Signature signature = key.sign(pre_authentication_encoding(statement_payload_type, payload));
    return {std::move(payload), key.public_key().id(), signature};
}

bool verify(const Envelope& envelope, const PublicKey& key) {
    return key.verify(pre_authentication_encoding(statement_payload_type, envelope.payload), envelope.signature);
}

const std::string& open(const Envelope& envelope, const PublicKey& key) {
    if (!verify(envelope, key))
        throw coded_error("bad_signature", "the envelope's signature is not one by the key " + key.id().hex());
    return envelope.payload;
}

std::string entry(const Envelope& envelope) {
    // Members in their canonical order and nothing in them that JSON would have to escape.
    std::string bytes = R"({"payload":")" + to_base64(envelope.payload);
    bytes.append(R"(","payloadType":")").append(statement_payload_type);
    bytes.append(R"(","signatures":[{"keyid":")").append(envelope.keyid.hex());
    bytes.append(R"(","sig":")").append(to_base64(envelope.signature.view())).append(R"("}]})");
    return bytes;
}

Envelope parse_entry(std::string_view bytes) {
    const json value = read_json(bytes, largest_entry_bytes);
    try {
        Members members{value, ""};
        Envelope envelope;
        envelope.payload = from_base64(members.text("payload", largest_entry_bytes));
        const json& signatures = members.array("signatures");
        if (signatures.size() != 1) throw format_error(0, "one signature");
        Members signature{signatures.front(), "signatures[0]"};
        envelope.keyid = signature.digest("keyid");
        envelope.signature = Signature::from_bytes(from_base64(signature.text("sig", 88)));
        if (envelope.payload.size() > largest_payload_bytes)
            throw coded_error("too_large",
                              "a payload of more than " + std::to_string(largest_payload_bytes) + " bytes");
        if (entry(envelope) != bytes) throw format_error(0, "the canonical form of an envelope and nothing beside it");
        return envelope;
    } catch (const format_error& problem) {
        throw coded_error("bad_json", "not an envelope: expected " + problem.expected());
    } catch (const coded_error& problem) {
        if (problem.code() == "too_large") throw;
        throw coded_error("bad_json", std::string{"not an envelope: "} + problem.what());
    }
}

ForeignEnvelope parse_foreign_envelope(std::string_view bytes, std::size_t most_bytes) {
    const json value = parse_json(bytes, {.bytes = most_bytes});
    try {
        Members members{value, ""};
        ForeignEnvelope envelope;
        envelope.payload = from_any_base64(members.text("payload", most_bytes));
        envelope.payload_type = members.text("payloadType", most_bytes);
        for (const json& element : members.array("signatures")) {
            Members signature{element, "signatures[" + std::to_string(envelope.signatures.size()) + "]"};
            std::optional<std::string> keyid;
            if (signature.has("keyid")) keyid = signature.text("keyid", most_bytes);
            envelope.signatures.push_back({std::move(keyid), from_any_base64(signature.text("sig", most_bytes))});
        }
        return envelope;
    } catch (const coded_error& problem) {
        throw format_error(0, std::string{"a DSSE envelope ("} + problem.what() + ")");
    }
}

bool verify(const ForeignEnvelope& envelope, const PublicKey& key) {
    const std::string signed_bytes = pre_authentication_encoding(envelope.payload_type, envelope.payload);
    return std::any_of(envelope.signatures.begin(), envelope.signatures.end(), [&](const ForeignEnvelope::Signed& one) {
        return one.signature.size() == 64 && key.verify(signed_bytes, Signature::from_bytes(one.signature));
    });
}

}  // namespace annexa::evidence
