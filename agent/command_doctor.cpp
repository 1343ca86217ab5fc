// annexa-agent doctor: looks at all that the agent needs, each on a line, with what to do where it is not so.
#include "agent/chain_state.hpp"
#include "agent/commands.hpp"
#include "agent/identity.hpp"
#include "agent/local_collection.hpp"
#include "agent/local_socket.hpp"
#include "agent/privileges.hpp"
#include "agent/tls_identity.hpp"
#include "agent/transport.hpp"
#include "evidence/checkpoint.hpp"
#include "terminal/output.hpp"

#include <netdb.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <unistd.h>
#include <memory>
#include <ostream>

namespace annexa::agent {
namespace {

using terminal::Colour;

/// Prints findings as they are made and remembers whether all is well.
class Report {
  public:
    explicit Report(std::ostream& out) : out_{out}, paint_{terminal::Paint::for_descriptor(STDOUT_FILENO)} {}
    void good(const std::string& what, const std::string& detail) { line(Colour::green, "ok", what, detail); }
    void bad(const std::string& what, const std::string& detail, const std::string& todo) {
        line(Colour::red, "bad", what, detail);
        out_ << terminal::wrapped("next: " + todo, "      ");
        all_well_ = false;
    }
    void unknown(const std::string& what, const std::string& detail) { line(Colour::yellow, "?", what, detail); }
    [[nodiscard]] bool all_well() const { return all_well_; }

  private:
    void line(Colour colour, const std::string& word, const std::string& what, const std::string& detail) {
        out_ << paint_(colour, word) << std::string(6 - word.size(), ' ') << what
             << std::string(what.size() < 16 ? 16 - what.size() : 1, ' ') << terminal::printable(detail) << '\n';
    }
    std::ostream& out_;
    terminal::Paint paint_;
    bool all_well_ = true;
};

void look_at_state(Report& report, const std::filesystem::path& folder) {
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0)
        return report.bad("state folder", folder.string() + " is not there",
                          "enrol this host, or correct `state` in the configuration");
    if ((status.st_mode & 0077) != 0)
        report.bad("permissions", folder.string() + " may be entered by others", "chmod 700 " + folder.string());
    else if (status.st_uid != geteuid())
        report.unknown("permissions", folder.string() + " belongs to user " + std::to_string(status.st_uid) +
                                          "; run this as that user");
    else
        report.good("permissions", folder.string() + " is its owner's alone");
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0) return report.unknown("disk", "cannot be asked");
    const auto free_mib = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize >> 20U;
    if (free_mib < 64)
        report.bad("disk", std::to_string(free_mib) + " MiB free",
                   "make room on the file system of " + folder.string());
    else
        report.good("disk", std::to_string(free_mib) + " MiB free");
}

void look_at_collector(Report& report, const Configuration& configuration, const std::optional<Enrolment>& enrolment) {
    try {
        CollectRequest request;
        if (enrolment) request.fingerprint_for = enrolment->origin();
        const Collection collection = collect(configured_peer(configuration), request, evidence::SystemClock{});
        if (!collection.machine) throw evidence::error(collection.problem.value_or("no answer"));
        report.good("annexa-collect", collection.machine->privileged
                                          ? "answers, privileged"
                                          : "answers, without privileges: what only root may read is missing");
        if (collection.machine->clock_synchronized == true)
            report.good("clock", "synchronised");
        else if (collection.machine->clock_synchronized == false)
            report.bad("clock", "not synchronised", "switch on a time service (systemd-timesyncd, chrony)");
        else
            report.unknown("clock", "the kernel does not say whether it is synchronised");
        if (enrolment && collection.machine->fingerprint &&
            is_cloned(*enrolment, evidence::Digest::from_hex(*collection.machine->fingerprint)))
            report.bad("machine", "another than the one that was enrolled", "cloned: enrol again");
    } catch (const evidence::error& problem) {
        report.bad("annexa-collect", problem.what(), "install it beside annexa-agent, or start annexa-collect.socket");
    }
}

bool look_at_name(Report& report, const std::string& url) {
    std::string host = url.substr(url.find("://") + 3);
    host = host.front() == '[' ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
    addrinfo* addresses = nullptr;
    const int code = getaddrinfo(host.c_str(), nullptr, nullptr, &addresses);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned{addresses, &freeaddrinfo};
    if (code == 0)
        report.good("name", host + " resolves");
    else
        report.bad("name", host + ": " + gai_strerror(code), "correct DNS or /etc/hosts");
    return code == 0;
}

void look_at_store(Report& report, const Identity& identity, const ChainState& chain) {
    const Enrolment& enrolment = identity.enrolment;
    if (!look_at_name(report, enrolment.url)) return;
    try {
        const auto transport = make_tls_transport({enrolment.url, ca_as_pem(enrolment.ca), identity.certificate_pem,
                                                   identity.keys.tls_pem, "annexa-agent/" ANNEXA_VERSION});
        const StoreAnswer answer = transport->send({"GET", "/log/checkpoint", {}, {}, {}, true});
        report.good("TLS", enrolment.url + " is the store of this enrolment");
        if (answer.status != 200)
            return report.bad("store", "answers with HTTP status " + std::to_string(answer.status),
                              "look at the store's log");
        const auto head = evidence::open_checkpoint(answer.body, enrolment.log).head;
        const auto known = evidence::open_checkpoint(chain.checkpoint, enrolment.log).head;
        if (head.size < known.size || (head.size == known.size && head != known))
            return report.bad("log", std::to_string(head.size) + " entries, known were " + std::to_string(known.size),
                              "the log is older or another than it was: see `annexa-agent status`");
        report.good("log", enrolment.origin() + ", " + std::to_string(head.size) + " entries, signed by its key");
    } catch (const transport_error& problem) {
        report.bad("TLS", problem.what(), "check route, firewall and the store's certificate");
    } catch (const evidence::error& problem) {
        report.bad("log", problem.what(), "the store shows no checkpoint of this enrolment's log");
    }
}

}  // namespace

Exit command_doctor(const ServiceOptions& options, std::ostream& out, std::ostream&) {
    Report report{out};
    const Configuration configuration = local_configuration(options.configuration, std::nullopt);
    report.good("configuration",
                options.configuration ? options.configuration->string() : std::string{default_configuration_file});
    become_owner_of(configuration.state);  // what the service can do is the question, not what root can
    look_at_state(report, configuration.state);
    std::optional<Identity> identity;
    try {
        identity = load_identity(configuration.state);
        if (!identity) report.bad("enrolment", "none", "run `annexa-agent enroll --token-file FILE`");
    } catch (const evidence::error& problem) {
        report.bad("enrolment", problem.what(),
                   "run this as the agent's user; if a file is lost, forget and enrol anew");
    }
    look_at_collector(report, configuration, identity ? std::optional{identity->enrolment} : std::nullopt);
    if (identity) {
        report.good("enrolment", identity->enrolment.host_name + " (" + identity->enrolment.host_id + ")");
        const evidence::Instant until = certificate_life(identity->certificate_pem).until;
        if (until < evidence::SystemClock{}.now())
            report.bad("certificate", "expired at " + evidence::to_string(until),
                       "the running agent renews it by itself");
        else
            report.good("certificate", "valid until " + evidence::to_string(until));
        look_at_store(report, *identity, load_chain_state(configuration.state));
    }
    try {
        if (ask_service(configuration.socket, "status", std::chrono::seconds{5}))
            report.good("service", "running");
        else
            report.bad("service", "not running", "systemctl start annexa-agent, or annexa-agent run");
    } catch (const evidence::error& problem) {
        report.bad("service", problem.what(), "look at its log");
    }
    return report.all_well() ? Exit::fine : Exit::findings;
}

}  // namespace annexa::agent
