#include "cli/isms/assignments.hpp"

#include "cli/isms/input_file.hpp"
#include "cli/isms/record_document.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "policies/yaml.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;

constexpr std::string_view ellipsis = "…";
constexpr std::size_t most_items = 10000;

enum class Deed { set, add, take };

struct Assignment {
    std::string path;
    Deed deed = Deed::set;
    std::string value;
};

Assignment parse(const std::string& text) {
    const std::size_t at = text.find('=');
    if (text == ellipsis) throw error("put NAME=VALUE in place of …; `annexa isms describe KIND` lists the members");
    if (at == std::string::npos || at == 0) throw error("expected NAME=VALUE, found \"" + text + "\"");
    Assignment assignment{text.substr(0, at), Deed::set, text.substr(at + 1)};
    if (assignment.path.ends_with('+')) assignment.deed = Deed::add;
    if (assignment.path.ends_with('-')) assignment.deed = Deed::take;
    if (assignment.deed != Deed::set) assignment.path.pop_back();
    return assignment;
}

/// Where an assignment goes: the field, and the value that holds or will hold it.
struct Target {
    const Field* field = nullptr;
    json* object = nullptr;            // the object that has the field as a member
    std::optional<std::size_t> place;  // in the list that the field is
};

std::string names_of(std::span<const Field> fields) {
    std::string names;
    for (const Field& field : fields)
        if (!field.computed) names += (names.empty() ? "" : ", ") + field.name;
    return names.empty() ? "none" : names;
}

std::size_t place_in(const std::string& path, std::string_view digits) {
    std::size_t place = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
    if (code != std::errc{} || end != digits.data() + digits.size() || place >= most_items)
        throw error(path + ": expected a place in a list such as [0]");
    return place;
}

/// Walks "a[0].b"; an item just behind the last of a list is made.
Target find_target(json& members, std::span<const Field> fields, const std::string& path) {
    Target target;
    json* object = &members;
    std::span<const Field> known = fields;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('.', at), path.size());
        std::string step = path.substr(at, end - at);
        target = {};
        if (const std::size_t bracket = step.find('['); bracket != std::string::npos && step.ends_with(']')) {
            target.place = place_in(path, std::string_view{step}.substr(bracket + 1, step.size() - bracket - 2));
            step.resize(bracket);
        }
        target.field = find_field(known, step);
        if (target.field == nullptr)
            throw error(path + ": there is no member " + step + "; there are: " + names_of(known));
        if (target.field->computed) throw error(path + ": " + step + " is written by the store alone");
        if (target.place && !target.field->many) throw error(path + ": " + step + " is no list");
        target.object = object;
        if (end == path.size()) return target;
        if (target.field->type != "group") throw error(path + ": " + step + " has no members");
        if (target.field->many && !target.place)
            throw error(path + ": " + step + " is a list; say which: " + step + "[0]." + path.substr(end + 1));
        json& value = (*object)[step];
        if (target.place) {
            if (value.is_null()) value = json::array();
            if (*target.place > value.size())
                throw error(path + ": " + step + " has " + std::to_string(value.size()) + " items");
            if (*target.place == value.size()) value.push_back(json::object());
            object = &value[*target.place];
        } else {
            if (value.is_null()) value = json::object();
            object = &value;
        }
        known = target.field->members;
        at = end + 1;
    }
    throw error(path + ": expected the name of a member");
}

[[noreturn]] void refuse(const Field& field, const std::string& value, const std::string& expected) {
    throw error(field.name + ": expected " + expected + ", found \"" + value + "\" (" + field.description + ")");
}

json from_yaml(const std::string& value, const Field& field, bool one) {
    Field wanted = field;
    wanted.many = field.many && !one;
    try {
        return value_of(policies::parse_yaml(value), wanted);
    } catch (const policies::yaml_error& problem) {
        throw error(field.name + ": " + problem.bare() + ", in \"" + value + "\"; expected YAML such as {" +
                    (field.members.empty() ? "" : field.members.front().name) + ": …}");
    }
}

json scalar(const Field& field, const std::string& value) {
    // What a gap says is to be done next holds … where a value goes.
    if (value == ellipsis || (value.ends_with(ellipsis) && value.size() <= ellipsis.size() + 2))
        throw error(field.name + ": put a value in place of " + value + ": " + field.description +
                    (field.choices.empty() || field.type != "choice" ? "" : "; one of " + [&] {
                        std::string words;
                        for (const std::string& each : field.choices) words += (words.empty() ? "" : ", ") + each;
                        return words;
                    }()));
    if (field.type == "integer") {
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (code != std::errc{} || end != value.data() + value.size()) refuse(field, value, "a whole number");
        return number;
    }
    if (field.type == "number") {
        double number = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (code != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
            refuse(field, value, "a number");
        return number;
    }
    if (field.type == "boolean") {
        if (value != "true" && value != "false") refuse(field, value, "true or false");
        return value == "true";
    }
    std::string text = value;
    if (field.type == "text" && value.starts_with("@@"))
        text.erase(0, 1);
    else if (field.type == "text" && value.starts_with('@'))
        text = read_input(value.substr(1));
    if (!evidence::is_plain_text(text)) throw error(field.name + ": expected UTF-8 without NUL");
    return text;
}

/// The items that a value stands for in a list.
json items_of(const Field& field, const std::string& value) {
    if (field.type == "group") {
        if (value == ellipsis) scalar(field, value);
        const json read = from_yaml(value, field, !value.starts_with('[') && !value.starts_with('-'));
        return read.is_array() ? read : json::array({read});
    }
    json items = json::array();
    if (field.is_text()) {
        items.push_back(scalar(field, value));
        return items;
    }
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find(',', at), value.size());
        std::string item = value.substr(at, end - at);
        item.erase(0, item.find_first_not_of(' '));
        items.push_back(scalar(field, item));
        at = end + 1;
    }
    return items;
}

void take_from(json& list, const json& items, const Field& field) {
    for (const json& item : items) {
        const auto found = std::find(list.begin(), list.end(), item);
        if (found == list.end()) throw error(field.name + ": does not hold " + item.dump());
        list.erase(found);
    }
}

void assign_list(const Target& target, const Assignment& assignment, bool again) {
    const Field& field = *target.field;
    json& list = (*target.object)[field.name];
    if (!list.is_array() || (assignment.deed == Deed::set && !again)) list = json::array();
    const json items = items_of(field, assignment.value);
    if (assignment.deed == Deed::take) {
        take_from(list, items, field);
    } else {
        for (const json& item : items) list.push_back(item);
    }
    if (list.empty()) target.object->erase(field.name);
}

void assign_item(const Target& target, const Assignment& assignment) {
    json& list = (*target.object)[target.field->name];
    if (!list.is_array()) list = json::array();
    if (assignment.deed != Deed::set || *target.place > list.size())
        throw error(assignment.path + ": the list has " + std::to_string(list.size()) + " items");
    if (assignment.value.empty()) {
        if (*target.place < list.size()) list.erase(list.begin() + static_cast<std::ptrdiff_t>(*target.place));
        return;
    }
    json value = target.field->type == "group" ? from_yaml(assignment.value, *target.field, true)
                                               : scalar(*target.field, assignment.value);
    if (*target.place == list.size())
        list.push_back(std::move(value));
    else
        list[*target.place] = std::move(value);
}

}  // namespace

void assign(json& members, std::span<const Field> fields, std::span<const std::string> assignments) {
    std::set<std::string> set_before;
    for (const std::string& text : assignments) {
        const Assignment assignment = parse(text);
        const Target target = find_target(members, fields, assignment.path);
        if (target.place) {
            assign_item(target, assignment);
        } else if (assignment.deed == Deed::set && assignment.value.empty()) {
            target.object->erase(target.field->name);
        } else if (target.field->many) {
            assign_list(target, assignment, !set_before.insert(assignment.path).second);
        } else if (assignment.deed != Deed::set) {
            throw error(assignment.path + ": is no list; set it with =");
        } else if (target.field->type == "group") {
            if (assignment.value == ellipsis) scalar(*target.field, assignment.value);
            (*target.object)[target.field->name] = from_yaml(assignment.value, *target.field, true);
        } else {
            (*target.object)[target.field->name] = scalar(*target.field, assignment.value);
        }
    }
}

}  // namespace annexa::cli
