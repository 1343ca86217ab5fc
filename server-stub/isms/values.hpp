// Reading a record's members, for the .cpp files of this folder: they were checked when they were written.
#pragma once

#include "server-stub/isms/field.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

using ValueVisitor = std::function<void(const Field& field, const nlohmann::json& value, const std::string& path)>;

/// Visits each value that is no group, those in groups and lists too; absent ones are left out, and groups that `enter`
/// declines (none: all are entered).
void each_value(const nlohmann::json& object, std::span<const Field> fields, const ValueVisitor& visit,
                const std::function<bool(const nlohmann::json& group)>& enter = {});

/// "" where it is absent.
std::string text_in(const nlohmann::json& object, std::string_view member);

/// Empty where it is absent.
std::vector<std::string> texts_in(const nlohmann::json& object, std::string_view member);

/// Whether it is there and not empty.
bool has(const nlohmann::json& object, std::string_view member);

/// Whether a member is in one only, or not the same in both.
bool differs(const nlohmann::json& before, const nlohmann::json& after, std::string_view member);

/// Whether its last day, the member `to`, is before that day (YYYY-MM-DD); false where it has none.
bool has_ended(const nlohmann::json& object, std::string_view day);

}  // namespace annexa::store::isms
