// What a store is called, which keys speak for it, and who may use it: settings against the digests that init left, the
// files of keys/ and the log; tokens and accounts against each other.
#include "evidence/canonical_json.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "server-stub/check/certificate_check.hpp"
#include "server-stub/check/checks.hpp"
#include "server-stub/http/session.hpp"
#include "server-stub/server/data_folder.hpp"

#include <algorithm>
#include <functional>

namespace annexa::store::check {
namespace {

using evidence::PrivateKey;
using evidence::PublicKey;
using evidence::VerifierKey;

std::optional<std::string> find(const std::map<std::string, std::string>& in, const std::string& name) {
    const auto found = in.find(name);
    return found == in.end() ? std::nullopt : std::optional{found->second};
}

/// What a text holds; a text that does not hold it is a problem of that place.
template <class Read>
auto read(const std::optional<std::string>& text, const std::string& place, Problems& problems, Read read_it) {
    std::optional<decltype(read_it(*text))> value;
    if (text) problems.guard(place, [&] { value.emplace(read_it(*text)); });
    return value;
}

/// Of the key that a setting names and the one in keys/ that which the log bears out; where it bears out the file's
/// alone, the setting is at fault, and the other way round.
template <class KeyOf>
std::optional<KeyOf> borne_out(const std::optional<KeyOf>& setting, const std::optional<KeyOf>& file,
                               const std::function<bool(const KeyOf&)>& by_log, const std::string& name,
                               const std::string& file_name, Problems& problems) {
    const bool setting_holds = setting && by_log(*setting);
    const bool file_holds = file && by_log(*file);
    if (setting && !setting_holds && file_holds)
        problems.add("setting " + name, "the log was signed by another key, that of keys/" + file_name);
    if (setting_holds && file && !file_holds)
        problems.add("keys/" + file_name, "it is not the key that signed the log");
    if (!setting_holds && file_holds) return file;
    return setting;
}

void check_settings(const std::map<std::string, std::string>& settings, Problems& problems) {
    const auto digests = read(find(settings, identity_digests_setting), "setting digests", problems,
                              [](const std::string& text) { return parse_identity_digests(text); });
    if (!settings.contains(identity_digests_setting)) problems.add("setting digests", "it is gone");
    for (const std::string_view name : identity_setting_names()) {
        const std::string place = "setting " + std::string{name};
        const auto value = find(settings, std::string{name});
        if (!value) {
            problems.add(place, "it is gone");
            continue;
        }
        if (!digests) continue;
        const auto digest = digests->find(std::string{name});
        if (digest == digests->end() || digest->second != evidence::sha256(*value))
            problems.add(place, "it is not what init wrote: its digest does not fit it");
    }
    for (const auto& [name, value] : settings) {
        const auto known = identity_setting_names();
        if (name != identity_digests_setting && name != "restored" &&
            std::find(known.begin(), known.end(), name) == known.end())
            problems.add("setting " + name, "annexa-server has no setting of that name");
    }
}

void check_key_files(const KeyFiles& keys, bool restored, Problems& problems) {
    const bool any_tls = keys.contains("ca.crt") || keys.contains("ca.pem") || keys.contains("server.pem");
    for (const std::string name : {"log.pem", "record.pem", "ca.crt", "ca.pem", "server.pem"}) {
        const bool signs = name == "log.pem" || name == "record.pem";
        // A store that was restored without its keys has none to sign with, and makes those for TLS when it is run.
        if (!keys.contains(name) && (!restored || (!signs && any_tls))) problems.add("keys/" + name, "it is gone");
    }
    const std::string authority = find(keys, "ca.crt").value_or("");
    const auto look = [&](const std::string& name, const std::string& wrong) {
        if (keys.contains(name) && !wrong.empty()) problems.add("keys/" + name, wrong);
    };
    const std::string wrong = wrong_with_authority(authority);
    look("ca.crt", wrong);
    // What is held against a certificate that was changed would be called wrong for its sake.
    const std::string held_against = wrong.empty() ? authority : std::string{};
    look("ca.pem", wrong_with_authority_key(find(keys, "ca.pem").value_or(""), held_against));
    look("server.pem", wrong_with_server(find(keys, "server.pem").value_or(""), held_against));
    if (const auto text = find(keys, "codes.key"))
        problems.guard("keys/codes.key", [&] {
            if (text->size() != 45 || evidence::from_base64(text->substr(0, 44)).size() != 32 || text->back() != '\n')
                problems.add("keys/codes.key", "expected 32 bytes in base64 and the end of a line");
        });
    for (const std::string name : {"log.pem", "record.pem"})
        if (const auto text = find(keys, name))
            problems.guard("keys/" + name, [&] {
                if (PrivateKey::from_pem(*text).pem() != *text)
                    problems.add("keys/" + name, "it is not, to the byte, what was written");
            });
}

std::optional<PrivateKey> signer(const std::optional<KeyFiles>& keys, const std::string& name) {
    const std::optional<std::string> text = keys ? find(*keys, name) : std::nullopt;
    try {
        if (text) return PrivateKey::from_pem(*text);
    } catch (const evidence::error&) {
        // Named by check_key_files().
    }
    return std::nullopt;
}

}  // namespace

std::optional<LogKeys> check_identity(const Store& store, const LogHead& head, const std::optional<KeyFiles>& keys,
                                      Problems& problems) {
    const std::map<std::string, std::string> settings = store.settings();
    check_settings(settings, problems);
    if (keys) check_key_files(*keys, settings.contains("restored"), problems);

    const auto key = [](const std::string& text) { return PublicKey::from_base64(text); };
    const auto log_setting = read(find(settings, "log_key"), "setting log_key", problems,
                                  [](const std::string& text) { return VerifierKey::parse(text); });
    const auto record_setting = read(find(settings, "record_key"), "setting record_key", problems, key);
    const auto recovery = read(find(settings, "recovery_key"), "setting recovery_key", problems, key);

    std::optional<VerifierKey> log_file;
    std::optional<PublicKey> record_file;
    if (const auto log = signer(keys, "log.pem"))
        log_file = VerifierKey{head.checkpoint.substr(0, head.checkpoint.find('\n')), log->public_key()};
    if (const auto record = signer(keys, "record.pem")) record_file = record->public_key();

    const std::vector<std::string> first = head.tree.size == 0 ? std::vector<std::string>{} : store.entries(0, 1);
    const auto log = borne_out<VerifierKey>(
        log_setting, log_file,
        [&](const VerifierKey& by) {
            try {
                return evidence::open_checkpoint(head.checkpoint, by).head == head.tree;
            } catch (const evidence::error&) {
                return false;
            }
        },
        "log_key", "log.pem", problems);
    const auto record = borne_out<PublicKey>(
        record_setting, record_file,
        [&](const PublicKey& by) {
            try {
                return !first.empty() && evidence::verify(evidence::parse_entry(first.front()), by);
            } catch (const evidence::error&) {
                return false;
            }
        },
        "record_key", "record.pem", problems);
    if (!log || !record) {
        problems.add("log", "nothing says any more which keys signed it: it cannot be verified");
        return std::nullopt;
    }
    if (const auto origin = find(settings, "origin"); origin && *origin != log->name)
        problems.add("setting origin", "the log is " + log->name);
    return LogKeys{*log, *record, recovery};
}

void check_people(const Store& store, const std::vector<Decision>& decisions, Problems& problems) {
    std::set<std::string> accounts;
    for (const Account& account : store.accounts()) {
        accounts.insert(account.id);
        if (!parse_roles(account.role)) problems.add("account " + account.id, "there is no role " + account.role);
    }
    const auto demand = [&](const std::string& account, const std::string& who) {
        if (!accounts.contains(account)) problems.add("account " + account, who + " names it, and it is not there");
    };
    if (const auto local = store.setting("local_account")) demand(*local, "the setting local_account");
    for (const Decision& decision : decisions)
        demand(decision.account, "decision row " + std::to_string(decision.index));
    const std::vector<Token> tokens = store.tokens();
    std::set<std::string> ids;
    for (const Token& token : tokens) ids.insert(token.id);
    for (const Token& token : tokens) {
        const std::string place = "token " + token.id;
        const std::optional<Roles> roles = parse_roles(token.role);
        if (!roles) problems.add(place, "there is no role " + token.role);
        if (roles && roles->main != Role::agent) demand(token.account, place);
        if (token.kind != "token" && token.kind != "session" && token.kind != "invitation")
            problems.add(place, "there is no kind " + token.kind);
        if (!token.begun_by.empty() && !ids.contains(token.begun_by))
            problems.add(place, "the token that it began with, " + token.begun_by + ", is not there");
    }
}

}  // namespace annexa::store::check
