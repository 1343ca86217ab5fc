// PUT /api/v1/files/{sha256}: a file that a piece of evidence will name. Its bytes are a blob; what it is they say
// themselves. GET /api/v1/files/{sha256}: its bytes again, as a download that no browser runs.
//
// At most 100 MiB, held in memory while it arrives: all requests together may hold what the listener allows
// (ListenerLimits::body_bytes_in_flight), and beyond it are told to come again.
#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/isms/media_type.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/blobs.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;

evidence::Digest digest_of(const Request& request) {
    try {
        return evidence::Digest::from_hex(request.parameters.at(0));
    } catch (const evidence::format_error&) {
        throw coded_error("bad_request", "expected the SHA-256 of the file, 64 hexadecimal digits");
    }
}

}  // namespace

Response put_file(Server& server, const Request& request) {
    const evidence::Digest digest = digest_of(request);
    const Roles roles = request.session ? request.session->role : Roles{};
    if (!may(roles, Permission::edit) && !may(roles, Permission::audit))
        throw coded_error("forbidden", "attaching evidence takes the role editor, approver or auditor");
    if (request.body.empty()) throw coded_error("schema", "the file is empty: it shows nothing");
    if (evidence::sha256(request.body) != digest)
        throw coded_error("digest_mismatch", "the bytes are those of " + evidence::sha256(request.body).hex());
    server.blobs.put(digest, request.body);
    return json_answer(
        {{"sha256", digest.hex()}, {"size", request.body.size()}, {"media_type", isms::media_type(request.body)}}, 201);
}

Response get_file(Server& server, const Request& request) {
    const evidence::Digest digest = digest_of(request);
    auto bytes = server.blobs.get(digest);
    if (!bytes) throw coded_error("not_found", "the store holds no file of this digest");
    Response response;
    response.content_type = isms::media_type(*bytes);
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + digest.hex() + "\"");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Cache-Control", "private, immutable");
    response.body = std::move(*bytes);
    return response;
}

}  // namespace annexa::store
