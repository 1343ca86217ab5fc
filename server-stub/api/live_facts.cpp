// What the rules of records may know of this store: built for each request, and only as far as they ask.
#include "evidence/errors.hpp"
#include "server-stub/api/isms.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/host_accounts.hpp"
#include "server-stub/evaluation/host_scope.hpp"
#include "server-stub/http/message.hpp"
#include "server-stub/isms/independence.hpp"
#include "server-stub/isms/media_type.hpp"
#include "server-stub/isms/proved_entry.hpp"
#include "server-stub/isms/scope_records.hpp"
#include "server-stub/people/rights.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/blobs.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace annexa::store {
namespace {

/// The status of all controls as of a time, computed when somebody first asks.
class LazyReport {
  public:
    LazyReport(Server& server, Instant at) : server_{server}, at_{at} {}

    const StatusReport& report() {
        if (!report_) report_ = server_.evaluation.report({at_, std::nullopt});
        return *report_;
    }
    /// Each that was approved, as long as it was in force.
    const std::vector<WaiverView>& waivers() {
        if (!waivers_) waivers_ = waivers_between(server_.store, server_.blobs, Instant::min(), at_, std::nullopt);
        return *waivers_;
    }
    [[nodiscard]] Instant at() const { return at_; }

  private:
    Server& server_;
    Instant at_;
    std::optional<StatusReport> report_;
    std::optional<std::vector<WaiverView>> waivers_;
};

isms::CheckNow check_now(LazyReport& live, const std::string& check) {
    isms::CheckNow now;
    for (const HostView& host : live.report().hosts) {
        for (const CheckView& view : host.checks) {
            if (view.check->id != check || view.result.state != policies::State::overdue) continue;
            ++now.hosts_overdue;
            const Instant since = view.result.overdue_at.value_or(live.at());
            now.overdue_since = std::min(now.overdue_since.value_or(since), since);
        }
    }
    for (const WaiverView& view : live.waivers()) {
        const Instant ended = view.waiver.until;
        if (view.waiver.check == check && ended <= live.at())
            now.waiver_ended = std::max(now.waiver_ended.value_or(ended), ended);
    }
    return now;
}

std::string indication(LazyReport& live, const std::string& control) {
    for (const policies::ControlStatus& status : live.report().controls)
        if (status.control->id == control) return std::string{policies::name(status.status)};
    return {};
}

std::vector<Host> hosts_now(Server& server, Instant now) {
    const AsOf as_of{now, std::nullopt};
    return hosts_in_scope(server.store, server.blobs, isms::scope_in_force({server.store, server.blobs, as_of}), as_of);
}

}  // namespace

isms::Facts isms_facts(Server& server, const Request& request, std::optional<Instant> at) {
    isms::Facts facts;
    facts.now = at.value_or(server.clock.now());
    if (request.session) {
        facts.account = request.session->account;
        facts.may = [role = request.session->role](Permission right) { return may(role, right); };
    }
    facts.holders = [&server, now = server.clock.now()](Permission right) { return holders(server.store, right, now); };
    facts.hosts_in_scope = [&server, now = facts.now] {
        std::vector<std::string> names;
        for (const Host& host : hosts_now(server, now)) names.push_back(host.name);
        return names;
    };
    facts.accounts_on_hosts = [&server, now = facts.now] {
        return accounts_on_hosts(server.store, server.blobs, hosts_now(server, now), {now, std::nullopt});
    };
    facts.host_exists = [&server](const std::string& id) { return server.store.host(id).has_value(); };
    const auto rules = std::make_shared<const RuleBook>(server.evaluation.rule_books().at(std::nullopt, std::nullopt));
    facts.check_exists = [rules](const std::string& check) { return rules->find(check) != nullptr; };
    const auto live = std::make_shared<LazyReport>(server, facts.now);
    facts.check_now = [live](const std::string& check) { return check_now(*live, check); };
    facts.indication = [live](const std::string& control) { return indication(*live, control); };
    facts.prove_entry = [&server](std::uint64_t index) {
        return isms::prove_entry(server.store, server.log, server.record_key.public_key(), index);
    };
    facts.deeds = [&server, now = facts.now](const std::string& account, Instant since) {
        return isms::deeds_of(server.store, server.blobs, account, since, now);
    };
    facts.host_owners = [&server] {
        std::map<std::string, std::string> owners;
        for (const Host& host : server.store.hosts())
            if (const auto owner = host.tags.find("owner"); owner != host.tags.end())
                owners.emplace(host.id, owner->second);
        return owners;
    };
    facts.uploaded_file = [&server](const Digest& digest) -> std::optional<isms::UploadedFile> {
        const auto bytes = server.blobs.get(digest);
        if (!bytes) return std::nullopt;
        return isms::UploadedFile{bytes->size(), isms::media_type(*bytes)};
    };
    return facts;
}

}  // namespace annexa::store
