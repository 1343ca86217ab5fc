#include "server-stub/isms/documents.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/key.hpp"
#include "server-stub/storage/blobs.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::size_t salt_bytes = 16;

}  // namespace

Documents::~Documents() {
    for (const evidence::Digest& digest : digests_) try {
            blobs_.remove(digest);
        } catch (const std::exception&) {  // annexa-server check names what is left over
        }
}

evidence::Digest Documents::put_salted(nlohmann::json object) {
    object["salt"] = evidence::to_hex(evidence::random_bytes(salt_bytes));
    const std::string bytes = evidence::canonical_json(object);
    const evidence::Digest digest = evidence::sha256(bytes);
    blobs_.put(digest, bytes);
    digests_.push_back(digest);
    return digest;
}

}  // namespace annexa::store::isms
