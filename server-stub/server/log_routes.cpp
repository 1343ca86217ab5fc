// The log as C2SP tlog-tiles serves it: to people all of it, to agents the checkpoint and hash tiles, never entries.
#include "evidence/errors.hpp"
#include "server-stub/log/tiles.hpp"
#include "server-stub/server/routes.hpp"
#include "server-stub/server/server.hpp"

namespace annexa::store {
namespace {

Response resource(Server& server, const Request& request, const std::string& path) {
    auto found = log_resource(server.store, path);
    if (!found) throw evidence::coded_error("not_found", "the log has no such tile");
    if (request.listener == Listener::agents && found->kind == LogResource::Kind::entries)
        throw evidence::coded_error("forbidden", "entries are for people: agents read the checkpoint and hash tiles");
    return {.status = 200,
            .content_type = std::string{found->content_type},
            .body = std::move(found->bytes),
            .headers = {{"Cache-Control", found->immutable ? "private, max-age=31536000, immutable" : "no-store"}}};
}

Response checkpoint(Server& server, const Request& request) { return resource(server, request, "checkpoint"); }

Response tile(Server& server, const Request& request) { return resource(server, request, "tile/" + request.parameters.at(0)); }

constexpr Route list[] = {
    {"GET", "/log/checkpoint", Listener::people, Access::read, 0, checkpoint},
    {"GET", "/log/checkpoint", Listener::agents, Access::agent, 0, checkpoint},
    {"GET", "/log/tile/{path...}", Listener::people, Access::read, 0, tile},
    {"GET", "/log/tile/{path...}", Listener::agents, Access::agent, 0, tile},
};

}  // namespace

std::span<const Route> log_routes() { return list; }

}  // namespace annexa::store
