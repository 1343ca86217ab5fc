// A store that is open: owns every part, and hands out the Server that handlers and administration see.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"

#include <memory>

namespace annexa::store {

class OpenStore {
  public:
    /// Takes the store's exclusive lock and opens it. Throws evidence::error in words for the administrator. The references
    /// are borrowed.
    OpenStore(const Configuration& configuration, Journal& journal, const evidence::Clock& clock);
    ~OpenStore();
    OpenStore(const OpenStore&) = delete;
    OpenStore& operator=(const OpenStore&) = delete;

    [[nodiscard]] Server& server();
    [[nodiscard]] const DataFolder& folder() const;

    /// What the listeners show: the store's own certificate, and for people the configured one where there is one.
    [[nodiscard]] const TlsIdentity& agents_tls() const;
    [[nodiscard]] const TlsIdentity& people_tls() const;

    /// The ports that the listeners really have: from now on tokens say them. Before any other thread asks.
    void reached_at(std::uint16_t agents_port, std::uint16_t people_port);

    /// Renews the server's certificate where a third of its life is left. True where it did.
    bool renew_server_certificate();

    /// Reads the configured certificate of people's listener again. True where it is another than before. Throws
    /// evidence::error where it cannot be used; the old one stays.
    bool reload_people_certificate();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
