// What samples of an audit are drawn from, as it was in the audit's period.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

/// {of, from, to, members}: `hosts` and `host_days`: id, name, tags, the days from and to on which the host was
/// enrolled and not retired; `records`: id, kind, version and digest of each record of these kinds that was there at
/// the period's end. By id. Throws coded_error `bad_request` where there is nothing of it.
nlohmann::json population_of(const Store& store, const Blobs& blobs, const nlohmann::json& audit, std::string_view of,
                             const std::vector<std::string>& kinds, Instant now);

}  // namespace annexa::store::isms
