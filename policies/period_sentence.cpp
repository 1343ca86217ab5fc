#include "policies/period_sentence.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace annexa::policies {
namespace {

std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", number);
    std::string result{text};
    if (result.ends_with(".0")) result.resize(result.size() - 2);
    return result;
}

std::string unit_text(double number, const char* unit) {
    const std::string text = number_text(number);
    return text + " " + unit + (text == "1" ? "" : "s");
}

std::string percent_text(double share) {
    // What is not nothing never reads as nothing.
    if (share > 0 && share < 0.0005) return "less than 0.1 %";
    return number_text(share * 100) + " %";
}

std::string_view words(Operation operation) {
    switch (operation) {
        case Operation::not_monitored:
            return "Not monitored";
        case Operation::not_effective:
            return "Not effective";
        case Operation::not_applicable:
            return "Not applicable";
        case Operation::no_evidence:
            return "No evidence";
        case Operation::partly_effective:
            return "Partly effective";
        case Operation::effective:
            return "Effective";
    }
    return {};
}

/// The check that was overdue longest, waived or not; nothing where none was.
const CheckPeriod* worst_check(const ControlPeriod& control, bool severe_only) {
    const CheckPeriod* worst = nullptr;
    for (const CheckPeriod& check : control.checks) {
        const bool counts =
            !severe_only || (check.strength == Strength::direct && check.check->severity >= Severity::high &&
                             check.beyond_tolerance > Milliseconds{0});
        if (!counts || check.beyond_beneath == Milliseconds{0}) continue;
        if (worst == nullptr || check.beyond_beneath > worst->beyond_beneath) worst = &check;
    }
    return worst;
}

void add_overdue(std::vector<std::string>& parts, const ControlPeriod& control, const Period& period) {
    const CheckPeriod* check = worst_check(control, control.operation == Operation::not_effective);
    if (check == nullptr) return;
    std::string text = check->check->id + " was overdue beyond its tolerance for " + days_text(check->beyond_beneath) +
                       " of " + days_text(period.to - period.from);
    if (check->beyond_at_end) text += ", at the end too";
    if (check->beyond_tolerance < check->beyond_beneath)
        text += ", " + days_text(check->beyond_beneath - check->beyond_tolerance) + " of it under a waiver";
    parts.push_back(std::move(text));
}

std::string gap_text(const ControlPeriod& control, const PeriodRule& rule) {
    const Milliseconds all = control.figures.in_scope();
    const double days = static_cast<double>(all.count()) / (24.0 * 3600 * 1000);
    return percent_text(share_of(control.figures.gap, all)) + " of " + unit_text(days, "host-day") +
           " were without fresh evidence (allowed: below " + percent_text(rule.gap_share) + ")";
}

}  // namespace

std::string days_text(Milliseconds time) {
    const double seconds = static_cast<double>(time.count()) / 1000;
    if (seconds >= 86400) return unit_text(seconds / 86400, "day");
    if (seconds >= 3600) return unit_text(seconds / 3600, "hour");
    return unit_text(seconds / 60, "minute");
}

std::string period_sentence(const ControlPeriod& control, const Period& period, const PeriodRule& rule) {
    std::vector<std::string> parts;
    if (control.operation == Operation::not_monitored) {
        parts.emplace_back("no check tested this control directly");
    } else if (control.operation == Operation::not_applicable) {
        parts.emplace_back("no check applied on any host at any time");
    } else {
        add_overdue(parts, control, period);
        if (control.operation == Operation::effective) parts.emplace_back("no finding was overdue beyond tolerance");
        parts.push_back(gap_text(control, rule));
    }
    std::string sentence{words(control.operation)};
    for (std::size_t i = 0; i < parts.size(); ++i)
        sentence += (i == 0 ? ": " : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return sentence + ".";
}

}  // namespace annexa::policies
