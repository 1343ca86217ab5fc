// Between listener and handlers: finds the route, looks who asks, calls the handler, and turns what it throws into a
// problem document. The only place that catches.
#pragma once

#include "server-stub/http/listener.hpp"
#include "server-stub/http/router.hpp"

namespace annexa::store {

/// Borrows both. Safe from any thread.
class Dispatcher final : public Service {
  public:
    Dispatcher(Server& server, const Router& router) : server_{server}, router_{router} {}

    ClientIdentity identify(std::string_view certificate) noexcept override;
    std::variant<Admission, Response> admit(Request& head) noexcept override;
    Response answer(const Admission& admission, const Request& request) noexcept override;
    void refused(Listener listener, std::string_view code) noexcept override;
    Response refusal(std::string_view code, std::string_view detail) noexcept override;

  private:
    void admit_agent(Request& head) const;
    void admit_person(Request& head, Access access) const;
    Response failure(const Request& request, const Route* route) noexcept;

    Server& server_;
    const Router& router_;
};

}  // namespace annexa::store
