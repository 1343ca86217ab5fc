// Results and findings as the API writes them.
#pragma once

#include "server-stub/evaluation/status_report.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store {

struct Server;

/// {"check","host","host_name","state","beneath","population","reason","detail","collected_at","overdue_at","findings",
/// "waivers","evidence","pack"} of one check on one host.
nlohmann::json result_json(const HostView& host, const CheckView& check, const RuleBook& rules);

/// All results that a control's status was computed from.
nlohmann::json results_of_control(const StatusReport& report, const policies::Control& control);

/// The name of an account for people's eyes, beside its id; null where it has none (the server itself).
nlohmann::json name_json(const Store& store, std::string_view account);

/// {"host","code","index","text"}; index is null where no entry says it.
nlohmann::json alarm_json(const Alarm& alarm);

/// [alarm]: what is so wrong with the store itself that no status may be read without it; host is null.
nlohmann::json store_alarms(const Server& server);

/// [{"check","host","host_name","from","to","reason","at","index"}]: where a check was tested and does not apply any
/// more.
nlohmann::json changes_json(const StatusReport& report, std::string_view check);

/// {"key","found","wanted","source",…all columns…,"opened","overdue_at"} of an open finding.
nlohmann::json finding_json(const CheckView& check, const FindingRow& finding);

}  // namespace annexa::store
