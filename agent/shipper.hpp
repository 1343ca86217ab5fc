// Brings what waits to the store: tables first, then statements, repeated byte for byte until a receipt proves that the
// log holds them. Every answer of docs/evidence-format.md has its line here; one that is not known deletes nothing.
#pragma once

#include "agent/assembly.hpp"
#include "agent/chain_state.hpp"
#include "agent/conditions.hpp"
#include "agent/identity.hpp"
#include "agent/log.hpp"
#include "agent/transport.hpp"
#include "evidence/receipt.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace annexa::agent {

/// What a statement says of the machine at this time.
struct MachineNow {
    std::optional<std::string> boot_id;
    std::optional<bool> clock_synchronized;
    std::optional<evidence::Digest> fingerprint;
    std::map<std::string, std::string> tags;
};

// How an attempt ended.
struct Delivered {};  // nothing waits any more
struct Later {        // try again; `condition` is a code of conditions.hpp
    std::string condition;
    std::string detail;
    std::optional<std::chrono::seconds> after;  // at the earliest
};
struct Stopped {  // the store will not have anything of this enrolment
    std::string code;
    std::string detail;
};
using ShipResult = std::variant<Delivered, Later, Stopped>;

class Shipper {
  public:
    /// Reads where the chain stands and brings it and the spool together (a crash may have been between them).
    Shipper(std::filesystem::path folder, Identity& identity, Spool& spool, Transport& transport,
            const evidence::Clock& clock, const Log& log);

    /// Sends all that waits. Throws database_error, and error where the state folder cannot be written.
    ShipResult ship(const MachineNow& machine);

    [[nodiscard]] const ChainState& chain() const { return chain_; }
    [[nodiscard]] std::string_view agent_version() const;

  private:
    /// nothing: go on; else the attempt ends so.
    using Step = std::optional<ShipResult>;
    enum class Caution { none, spelled_out, one_result, empty };

    ShipResult attempt(const MachineNow& machine);
    bool seal_next(const MachineNow& machine);
    Step upload_tables();
    Step post(const std::vector<SealedStatement>& pending);
    Step take_receipt(const std::vector<SealedStatement>& pending, const evidence::Receipt& receipt);
    Step judge_log(const std::vector<SealedStatement>& pending, const evidence::Receipt& receipt);
    Step take_refusal(const SealedStatement& statement, const evidence::Refused& refused);
    Step take_conflict(const SealedStatement& statement, const evidence::Refused& refused);
    Step take_problem(const StoreAnswer& answer, const SealedStatement* first);
    Step refuse_definitely(std::uint64_t sequence, const std::string& code, const std::string& detail);
    void accept(const SealedStatement& statement);
    void rewind_to(std::uint64_t sequence);
    Step renew();
    void raise_alarm(const std::string& code, const std::string& received, const std::string& detail);
    void save() {
        unsaved_ = true;
        save_chain_state(folder_, chain_);
        unsaved_ = false;
    }
    [[nodiscard]] evidence::TreeHead known() const;

    std::filesystem::path folder_;
    Identity& identity_;
    Spool& spool_;
    Transport& transport_;
    const evidence::Clock& clock_;
    const Log& log_;
    ChainState chain_;
    Caution caution_ = Caution::none;
    std::optional<std::int64_t> suspect_;  // the one result of a statement that was refused
    bool renewed_ = false;                 // in this attempt
    bool unsaved_ = false;                 // the chain files could not be written: nothing is sent before they are
};

}  // namespace annexa::agent
