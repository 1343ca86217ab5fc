// What evidence that came later says of a check: whether what was found is gone, and for how long.
#pragma once

#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {

struct Retest {
    struct OfHost {
        std::string host;  // id
        std::string name;
        std::string outcome;  // "passed", "retired", or the state that it has: "fail", "stale", "missing", …
        std::optional<Instant> since;
        std::optional<Instant> newest;        // when the newest evidence was collected
        std::vector<std::uint64_t> evidence;  // entries of the log
        std::string why;                      // where it did not pass: what is lacking, for people
    };
    std::vector<OfHost> hosts;

    /// Empty where every host passed or is retired, and one at least was looked at; else what stands against it.
    [[nodiscard]] std::string objection() const;
};

/// The check on these hosts (on all in scope where none is named). It passed where it has the state pass now, evidence
/// collected after `after` says so, and it has had it without a break for `days` days of evidence. What is unknown,
/// waived or does not apply is no pass. A retired host is no pass and no failure.
Retest retest(Server& server, const std::string& check, const std::vector<std::string>& hosts, Instant after, int days,
              Instant now);

/// Hosts in scope, but for `known`, that fail the check now (waived ones too), with since when.
std::vector<std::pair<std::string, std::optional<Instant>>> failing(Server& server, const std::string& check,
                                                                    const std::vector<std::string>& known, Instant now);

}  // namespace annexa::store::isms
