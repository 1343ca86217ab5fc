#include "server-stub/http/dispatcher.hpp"

#include "evidence/errors.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/http/problem.hpp"
#include "server-stub/ingest/ingest.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/metrics/metrics.hpp"
#include "server-stub/people/own_tokens.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <chrono>

namespace annexa::store {
namespace {

using evidence::coded_error;

/// Whose right it is, in words.
std::string_view takers(Permission permission) {
    switch (permission) {
        case Permission::read: return "a person's role";
        case Permission::edit: return "the role editor or approver";
        case Permission::approve: return "the role approver";
        case Permission::audit: return "the role auditor";
        case Permission::administer: return "the role admin";
    }
    return "another role";
}

Permission permission_of(Access access) {
    switch (access) {
        case Access::edit: return Permission::edit;
        case Access::approve: return Permission::approve;
        case Access::audit: return Permission::audit;
        case Access::administer: return Permission::administer;
        default: return Permission::read;
    }
}

}  // namespace

ClientIdentity Dispatcher::identify(std::string_view certificate) noexcept {
    try {
        return server_.authority.identify(certificate);
    } catch (const std::exception&) {
        return {.state = ClientIdentity::State::foreign, .host_id = {}, .tls_key_id = {}, .not_before = {}, .not_after = {}};
    }
}

std::variant<Admission, Response> Dispatcher::admit(Request& head) noexcept {
    const Route* route = nullptr;
    try {
        auto target = parse_target(head.path);
        if (!target) throw coded_error("bad_target", "expected a path and query as RFC 9112 writes them, without empty, '.' or '..' segments");
        head.path = std::move(target->path);
        head.query = std::move(target->query);
        Match match = router_.find(head.listener, head.method, head.path);
        route = match.route;
        head.parameters = std::move(match.parameters);
        if (head.listener == Listener::agents && route->access == Access::agent) admit_agent(head);
        if (head.listener == Listener::people) admit_person(head, route->access);
        return Admission{.body_bytes = route->body_bytes, .route = route};
    } catch (...) {
        Response response = failure(head, route);
        server_.metrics.answered(head.listener, route == nullptr ? "" : route->path, response.status, 0);
        return response;
    }
}

void Dispatcher::admit_agent(Request& head) const {
    head.client = at(head.client, server_.clock.now());
    switch (head.client.state) {
        case ClientIdentity::State::missing:
            throw coded_error("certificate_missing", "show the client certificate that enrolment gave");
        case ClientIdentity::State::foreign:
            throw coded_error("certificate_unknown", "the client certificate is not one that this store gave to a host");
        case ClientIdentity::State::expired:
            throw coded_error("certificate_expired", "the client certificate was valid until " + evidence::to_string(head.client.not_after) +
                                                         "; renew it with the evidence key");
        case ClientIdentity::State::valid: break;
    }
    server_.ingest.check_host(head.client.host_id);
    const auto host = server_.store.host(head.client.host_id);
    const auto enrolment = host ? server_.store.enrolment(host->enrolment) : std::nullopt;
    if (!enrolment) throw coded_error("unknown_key", "this store has not enrolled the host of the certificate");
    // A host that was enrolled anew has new keys: what was certified before is somebody's who should not have it any more.
    if (evidence::unix_seconds(head.client.not_before) < evidence::unix_seconds(enrolment->made_at))
        throw coded_error("revoked", "the certificate is of an enrolment that a later one replaced");
}

void Dispatcher::admit_person(Request& head, Access access) const {
    if (access == Access::open || access == Access::credential) return;
    if (access == Access::local && head.loopback && head.bearer().empty()) return;
    Session session = find_session(server_, head.bearer());
    if (!may(session.role, permission_of(access)))
        throw coded_error("forbidden", "the role " + roles_text(session.role) + " may not do that; it takes " + std::string{takers(permission_of(access))});
    if (!opens(session.paths, head.path)) throw coded_error("forbidden", "this token is for other paths");
    head.session = std::move(session);
}

Response Dispatcher::answer(const Admission& admission, const Request& request) noexcept {
    const auto* route = static_cast<const Route*>(admission.route);
    const auto begin = std::chrono::steady_clock::now();
    Response response;
    try {
        response = route->handler(server_, request);
    } catch (...) {
        response = failure(request, route);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    server_.metrics.answered(request.listener, route->path, response.status, seconds.count());
    return response;
}

Response Dispatcher::failure(const Request& request, const Route* route) noexcept {
    const std::string where = request.method + " " + (route == nullptr ? std::string{"(no route)"} : std::string{route->path});
    try {
        throw;
    } catch (const coded_error& error) {
        Response response = problem(error.code(), error.what());
        if (response.status == 500) {
            server_.journal.error(where + ": " + error.code() + ": " + error.what());
            return problem("internal", "see the server's journal");
        }
        if (error.code() == "bad_method") {
            std::string allowed;
            for (const std::string_view method : router_.methods(request.listener, request.path))
                allowed += (allowed.empty() ? "" : ", ") + std::string{method};
            response.headers.emplace_back("Allow", allowed);
        }
        return response;
    } catch (const contradiction& error) {
        return problem("conflict", error.what());
    } catch (const store_unavailable& error) {
        server_.journal.error(where + ": " + error.what());
        return problem("unavailable", "the store cannot be read or written at present");
    } catch (const std::exception& error) {
        server_.journal.error(where + ": " + error.what());
    } catch (...) {
        server_.journal.error(where + ": unknown exception");
    }
    return problem("internal", "see the server's journal");
}

void Dispatcher::refused(Listener listener, std::string_view code) noexcept { server_.metrics.refused(listener, code); }

Response Dispatcher::refusal(std::string_view code, std::string_view detail) noexcept { return problem(code, detail); }

}  // namespace annexa::store
