// A store that serves: both listeners, the admin socket, and what has to be done from time to time.
#pragma once

#include "server-stub/http/listener.hpp"
#include "server-stub/server/open_store.hpp"

#include <memory>
#include <string>

namespace annexa::store {

class Serving {
  public:
    /// Binds, writes DATA/run/urls and serves. `store` is borrowed.
    explicit Serving(OpenStore& store, const ListenerLimits& limits = {});
    ~Serving();  // stops

    [[nodiscard]] ListenAddress agents() const;
    [[nodiscard]] ListenAddress people() const;
    /// "agents https://…\npeople https://…\n": what tokens say.
    [[nodiscard]] std::string urls() const;

    /// False where what is to be done from time to time has not been done for long: something hangs.
    [[nodiscard]] bool keeps_house() const;

    /// Takes no new connection, lets what is under way end, removes DATA/run/urls. May be called twice.
    void stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
