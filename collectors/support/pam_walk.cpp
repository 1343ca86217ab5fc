#include "collectors/support/pam_walk.hpp"

#include <algorithm>
#include <string_view>
#include <set>
#include <tuple>

namespace annexa::collectors::pam {
namespace {

constexpr int must_fail_answer = perm_denied;
constexpr std::size_t most_states = 200000;

struct State {
    std::size_t next = 0;  // the module to ask
    int previous_level = 0;
    int impression = 0;                         // 0 undecided, 1 positive, -1 negative
    bool good = false;                          // the present status is success
    std::vector<std::pair<int, bool>> entered;  // impression and status on entry to each level
    Facts facts = 0;
    auto key() const { return std::tie(next, previous_level, impression, good, entered, facts); }
    bool operator<(const State& other) const { return key() < other.key(); }
};

// The last rule that a jump or a decision skips to: what follows it is asked next.
std::size_t end_of_level(const Stack& stack, std::size_t at, int level) {
    while (at + 1 < stack.size() && stack[at + 1].level >= level) ++at;
    return at;
}

void apply(const Stack& stack, State& state, int answer) {
    const Rule& rule = stack[state.next];
    const int level = rule.level;
    std::size_t at = state.next;
    int action = rule.actions[static_cast<std::size_t>(answer)];
    switch (action) {
        case reset:
            state.impression = state.entered[static_cast<std::size_t>(level)].first;
            state.good = state.entered[static_cast<std::size_t>(level)].second;
            break;
        case ok:
        case done:
            if (state.impression == 0 || (state.impression == 1 && state.good)) {
                state.impression = 1;
                state.good = answer == success;
            }
            if (state.impression == 1 && action == done) at = end_of_level(stack, at, level);
            break;
        case bad:
        case die:
            if (state.impression != -1) {
                state.impression = -1;
                state.good = false;
            }
            if (action == die) at = end_of_level(stack, at, level);
            break;
        case ignore:
            break;
        default:
            while (at + 1 < stack.size() && stack[at + 1].level >= level && action > 0) {
                do ++at;
                while (at + 1 < stack.size() && stack[at + 1].level > level);
                --action;
            }
            if (action > 0) {  // a jump beyond the end
                state.impression = -1;
                state.good = false;
            }
    }
    state.previous_level = level;
    state.next = at + 1;
}

}  // namespace

std::vector<Answer> possible_answers(const Rule& rule, std::string_view type) {
    const std::string& name = rule.module;
    const auto is = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    const Answer failure = type == "password"  ? authtok_err
                           : type == "account" ? acct_expired
                           : type == "session" ? session_err
                                               : auth_err;
    if (is({"pam_deny.so"})) return {failure};
    if (is({"pam_permit.so"})) return {success};
    // Of whom we speak is a local user with an ordinary uid: for others these modules choose another way.
    if (is({"pam_localuser.so", "pam_usertype.so"})) return {success};
    if (is({"pam_env.so", "pam_faildelay.so", "pam_umask.so", "pam_motd.so", "pam_mail.so", "pam_limits.so",
            "pam_keyinit.so", "pam_loginuid.so", "pam_echo.so", "pam_warn.so", "pam_mkhomedir.so",
            "pam_gnome_keyring.so", "pam_kwallet5.so", "pam_cap.so"}))
        return {success, ignored};
    if (name == "pam_faillock.so") {
        const auto told = [&](std::string_view word) {
            return std::find(rule.arguments.begin(), rule.arguments.end(), word) != rule.arguments.end();
        };
        if (type == "auth" && told("authfail")) return {auth_err};
        if (type == "auth") return {success, auth_err};
        return {success};
    }
    if (is({"pam_pwquality.so", "pam_passwdqc.so", "pam_cracklib.so", "pam_pwhistory.so"}))
        return {success, authtok_err};
    if (is({"pam_tally2.so", "pam_tally.so"})) return {success, failure};
    if (is({"pam_unix.so"})) return type == "auth" ? std::vector{success, auth_err} : std::vector{success, failure};
    return {success, failure, user_unknown, authinfo_unavail, ignored};
}

bool is_bystander(const Rule& rule) {
    constexpr std::string_view conditions[] = {"pam_succeed_if.so", "pam_listfile.so", "pam_wheel.so", "pam_access.so", "pam_time.so"};
    constexpr std::string_view others[] = {
        "pam_permit.so",    "pam_deny.so",     "pam_localuser.so",     "pam_usertype.so", "pam_env.so",       "pam_faildelay.so", "pam_umask.so",
        "pam_motd.so",      "pam_mail.so",     "pam_limits.so",        "pam_keyinit.so",  "pam_loginuid.so",  "pam_echo.so",      "pam_warn.so",
        "pam_mkhomedir.so", "pam_cap.so",      "pam_gnome_keyring.so", "pam_kwallet5.so", "pam_faillock.so",  "pam_tally.so",     "pam_tally2.so",
        "pam_pwquality.so", "pam_cracklib.so", "pam_passwdqc.so",      "pam_nologin.so",  "pam_pwhistory.so", "pam_securetty.so", "pam_shells.so",
        "pam_group.so",     "pam_selinux.so",  "pam_issue.so",         "pam_debug.so",    "pam_lastlog.so",   "pam_namespace.so", "pam_tty_audit.so",
        "pam_xauth.so",     "pam_sepermit.so", "pam_systemd.so",       "pam_lastlog2.so", "pam_wtmpdb.so",    "pam_setquota.so"};
    const auto is_among = [&](const auto& names) { return std::find(std::begin(names), std::end(names), rule.module) != std::end(names); };
    if (!is_among(conditions)) return is_among(others);
    const int on_success = rule.actions[success];
    return on_success != done && on_success <= 0;
}

std::vector<Way> walk(const Stack& stack, std::string_view type, const Observer& observer) {
    std::set<std::pair<bool, Facts>> ends;
    std::set<State> seen;
    std::vector<State> waiting;
    State first;
    first.entered.assign(1, {0, false});
    waiting.push_back(first);
    while (!waiting.empty()) {
        State state = std::move(waiting.back());
        waiting.pop_back();
        if (!seen.insert(state).second) continue;
        if (seen.size() > most_states)
            throw host_error(evidence::Reason::malformed_source,
                             stack.front().source + ": too many ways through this stack");
        if (state.next >= stack.size()) {
            ends.insert({state.impression == 1 && state.good, state.facts});
            continue;
        }
        const Rule& rule = stack[state.next];
        const auto level = static_cast<std::size_t>(rule.level);
        if (state.entered.size() <= level) state.entered.resize(level + 1, {0, false});
        if (state.previous_level < rule.level) state.entered[level] = {state.impression, state.good};
        if (rule.substack) {
            state.previous_level = rule.level;
            ++state.next;
            waiting.push_back(std::move(state));
            continue;
        }
        if (rule.must_fail) {
            apply(stack, state, must_fail_answer);
            waiting.push_back(std::move(state));
            continue;
        }
        for (const Answer answer : possible_answers(rule, type)) {
            State after = state;
            after.facts = observer(rule, answer, state.facts);
            apply(stack, after, answer);
            waiting.push_back(std::move(after));
        }
    }
    std::vector<Way> ways;
    for (const auto& [passes, facts] : ends) ways.push_back({passes, facts});
    return ways;
}

}  // namespace annexa::collectors::pam
