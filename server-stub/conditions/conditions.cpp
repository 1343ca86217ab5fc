#include "server-stub/conditions/conditions.hpp"

#include "server-stub/configuration/configuration.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/files.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <sys/statvfs.h>
#include <algorithm>
#include <array>

namespace annexa::store {
namespace {

using namespace std::chrono_literals;

enum Which : std::size_t {
    store_unreadable,
    log_not_appending,
    store_restored,
    keys_left_behind,
    disk_full,
    certificate_expired,
    evaluation_failing,
    disk_nearly_full,
    certificate_expiring,
    host_on_two_machines,
};

constexpr std::array<ConditionKind, 10> kinds{{
    {"store_unreadable", Severity::error, false, "The store's database cannot be read.",
     "See what it said; free space or repair the disk, then run annexa-server check."},
    {"log_not_appending", Severity::error, false, "The log cannot append: nothing is acknowledged, reads go on.",
     "See what it said; agents keep what they have and send it again by themselves."},
    {"store_restored", Severity::error, false, "This store was restored from a backup and acknowledges nothing.",
     "Agents keep what they have collected until a store acknowledges it."},
    {"keys_left_behind", Severity::error, false,
     "This store was restored without its keys and has a new certificate authority: no token of before opens it, and "
     "no agent enrolled before connects.",
     "Give people new tokens with annexa-server token create. For the agents restore the store again with its keys, "
     "from a backup made "
     "--with-keys or with the old folder keys/ put in place before it runs; else enrol them again in a new store that "
     "annexa-server init makes."},
    {"disk_full", Severity::error, false, "The disk of the store is full.",
     "Free space where the store's folder lies."},
    {"certificate_expired", Severity::error, false, "The server's certificate has expired: nobody can connect.",
     "Put a new one where tls.people in the configuration points to, or see why the server could not renew its own."},
    {"evaluation_failing", Severity::error, true,
     "What was logged cannot be evaluated: statuses are older than the evidence.",
     "See what it said; nothing is lost, it is evaluated as soon as that works again."},
    {"disk_nearly_full", Severity::warning, true, "The disk of the store is nearly full.",
     "Free space where the store's folder lies."},
    {"certificate_expiring", Severity::warning, true, "The server's certificate expires within 14 days.",
     "Put a new one where tls.people in the configuration points to, or see why the server could not renew its own."},
    {"host_on_two_machines", Severity::warning, true,
     "One enrolment is used by two machines; nothing of it is accepted.",
     "Find the copy; annexa-agent forget on it, then enrol the host anew with annexa-server token create --role agent "
     "--host ID."},
}};

constexpr std::uint64_t full_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t nearly_full_bytes = std::uint64_t{1} << 30;

void judge_certificate(std::vector<Condition>& found, evidence::Instant now, evidence::Instant end,
                       const std::string& which) {
    if (end <= now)
        found.push_back({&kinds[certificate_expired], which + ", since " + evidence::to_string(end)});
    else if (end <= now + 14 * 24h)
        found.push_back({&kinds[certificate_expiring], which + ", at " + evidence::to_string(end)});
}

}  // namespace

std::span<const ConditionKind> condition_kinds() { return kinds; }

std::string in_words(const ConditionKind& kind, std::string_view detail) {
    std::string text{kind.sentence};
    for (const std::string_view more : {detail, kind.advice}) text += (more.empty() ? "" : " ") + std::string{more};
    return text;
}

std::vector<Condition> judge(const Health& health) {
    std::vector<Condition> found;
    if (health.store_trouble) found.push_back({&kinds[store_unreadable], *health.store_trouble});
    if (health.log_trouble && !health.restored) found.push_back({&kinds[log_not_appending], *health.log_trouble});
    if (health.restored) found.push_back({&kinds[store_restored], *health.restored});
    if (health.restored && health.keys_left_behind)
        found.push_back({&kinds[keys_left_behind], "There is no keys/log.pem."});
    if (health.evaluation_trouble) found.push_back({&kinds[evaluation_failing], *health.evaluation_trouble});
    const std::string free = std::to_string(health.disk_free_bytes >> 20) + " MiB free";
    if (health.disk_bytes != 0 && health.disk_free_bytes < full_bytes)
        found.push_back({&kinds[disk_full], free});
    else if (health.disk_bytes != 0 && health.disk_free_bytes < std::min(nearly_full_bytes, health.disk_bytes / 20))
        found.push_back({&kinds[disk_nearly_full], free});
    judge_certificate(found, health.now, health.server_certificate_end, "the store's own");
    if (health.people_certificate_end)
        judge_certificate(found, health.now, *health.people_certificate_end, "that of people's listener");
    for (const std::string& host : health.two_machines) found.push_back({&kinds[host_on_two_machines], host});
    std::stable_sort(found.begin(), found.end(),
                     [](const Condition& a, const Condition& b) { return a.kind < b.kind; });
    return found;
}

Health look_at(const Server& server) noexcept {
    Health health;
    try {
        health.now = server.clock.now();
        health.log_trouble = server.log.trouble();
        if (const std::string trouble = server.evaluation.trouble(); !trouble.empty())
            health.evaluation_trouble = trouble;
        struct statvfs disk {};
        if (::statvfs(server.configuration.data.c_str(), &disk) == 0) {
            health.disk_free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
            health.disk_bytes = std::uint64_t{disk.f_blocks} * disk.f_frsize;
        }
        const DataFolder folder{server.configuration.data};
        health.server_certificate_end = certificate_end(read_file(folder.keys() / "server.pem", 65536));
        if (server.configuration.people_tls)
            health.people_certificate_end =
                certificate_end(read_file(server.configuration.people_tls->certificate, 65536));
        health.restored = server.store.setting("restored");
        health.keys_left_behind = !std::filesystem::exists(folder.keys() / "log.pem");
        for (const Host& host : server.store.hosts()) {
            const auto enrolment = server.store.enrolment(host.enrolment);
            if (enrolment && enrolment->state == EnrolmentState::two_machines)
                health.two_machines.push_back(host.name + " (" + host.id + ")");
        }
    } catch (const std::exception& error) {
        health.store_trouble = error.what();
    }
    return health;
}

}  // namespace annexa::store
