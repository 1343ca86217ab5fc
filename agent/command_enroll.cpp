// annexa-agent enroll, and forget: to become a host of a store, and to be none any more.
#include "agent/commands.hpp"
#include "agent/enrolment.hpp"
#include "agent/local_collection.hpp"
#include "agent/privileges.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace annexa::agent {
namespace {

constexpr std::size_t longest_token = 16384;

/// Never from the command line, where every user of the machine could read it.
std::string token_text(const std::optional<std::string>& file) {
    std::string text;
    if (!file) {
        const char* variable = std::getenv("ANNEXA_TOKEN");
        if (variable == nullptr)
            throw evidence::error(
                "a token is needed: --token-file FILE, --token-file - for standard input, or ANNEXA_TOKEN");
        text = variable;
    } else if (*file == "-") {
        text.assign(std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{});
    } else {
        std::ifstream in{*file, std::ios::binary};
        if (!in) throw evidence::error("cannot read the token in " + *file + ": " + std::strerror(errno));
        text.assign(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    if (text.size() > longest_token)
        throw evidence::error("that is no token: it is longer than " + std::to_string(longest_token) + " bytes");
    return text;
}

std::optional<Machine> this_machine(const Configuration& configuration, const std::string& origin, std::ostream& err) {
    try {
        CollectRequest request;
        request.fingerprint_for = origin;
        const Collection collection = collect(configured_peer(configuration), request, evidence::SystemClock{});
        if (collection.problem) err << "annexa-agent: " << *collection.problem << '\n';
        return collection.machine;
    } catch (const evidence::error& problem) {
        err << "annexa-agent: the machine's fingerprint cannot be read (" << problem.what()
            << "); a copy of this identity will not be noticed\n";
        return std::nullopt;
    }
}

std::string this_host_name(const std::optional<Machine>& machine) {
    if (machine && !machine->host_name.empty()) return machine->host_name;
    char name[256] = {};
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') throw evidence::error("this host has no name");
    return name;
}

}  // namespace

Exit command_enroll(const EnrollOptions& options, std::ostream& out, std::ostream& err) {
    const Configuration configuration = local_configuration(options.configuration, std::nullopt);
    const evidence::Token token = evidence::parse_token(token_text(options.token_file));
    become_owner_of(configuration.state);
    const StateFolder folder = StateFolder::open(configuration.state);
    const std::optional<Machine> machine = this_machine(configuration, token.origin(), err);
    std::optional<evidence::Digest> fingerprint;
    if (machine && machine->fingerprint) fingerprint = evidence::Digest::from_hex(*machine->fingerprint);
    const EnrolmentResult result = enrol(
        folder, token, this_host_name(machine), fingerprint,
        [](const TlsSettings& settings) { return make_tls_transport(settings); }, evidence::SystemClock{});
    if (result.unchanged) {
        out << "unchanged: this host is enrolled as " << result.enrolment.host_name << " (" << result.enrolment.host_id
            << ") with " << result.enrolment.url << '\n';
        return Exit::fine;
    }
    if (result.was_cloned) err << "annexa-agent: an identity of another machine was removed first\n";
    out << "enrolled as " << result.enrolment.host_name << " (" << result.enrolment.host_id << ") with "
        << result.enrolment.url << '\n'
        << "store certificate's SHA-256: " << token.ca_fingerprint().hex()
        << "\nnext: systemctl enable --now annexa-agent, or annexa-agent run\n";
    return Exit::fine;
}

Exit command_forget(const ServiceOptions& options, std::ostream& out, std::ostream&) {
    const Configuration configuration = local_configuration(options.configuration, std::nullopt);
    if (!std::filesystem::exists(configuration.state)) {
        out << "nothing to forget: there is no " << configuration.state.string() << '\n';
        return Exit::fine;
    }
    if (!options.yes)
        throw evidence::error("this removes keys, enrolment and spool in " + configuration.state.string() +
                              " for good; say so with --yes");
    become_owner_of(configuration.state);
    const StateFolder folder = StateFolder::open(configuration.state);
    forget_identity(folder.path());
    out << "forgotten: identity and spool in " << configuration.state.string() << " are removed\n";
    return Exit::fine;
}

}  // namespace annexa::agent
