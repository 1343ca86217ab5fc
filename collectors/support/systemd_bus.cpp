#include "collectors/support/systemd_bus.hpp"

#include "collectors/support/text.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace annexa::collectors {
namespace {

constexpr std::uint64_t call_limit_us = 10'000'000;
constexpr std::size_t most_units = 100'000;
constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";

using Bus = std::unique_ptr<sd_bus, sd_bus* (*)(sd_bus*)>;
using BusMessage = std::unique_ptr<sd_bus_message, sd_bus_message* (*)(sd_bus_message*)>;

int checked(int result, const char* what) {
    if (result >= 0) return result;
    const Reason reason = result == -EACCES || result == -EPERM ? Reason::permission_denied : Reason::kernel_refused;
    throw host_error(reason, std::string{"systemd, "} + what + ": " + std::strerror(-result));
}

Bus open_bus() {
    if (::sd_booted() <= 0) throw not_applicable(Reason::not_present, "systemd is not process 1 here");
    sd_bus* bus = nullptr;
    int result = ::sd_bus_open_system(&bus);
    if (result < 0 && ::geteuid() == 0) {
        // Without a bus daemon systemd still talks to root.
        checked(::sd_bus_new(&bus), "connection");
        ::sd_bus_set_address(bus, "unix:path=/run/systemd/private");
        result = ::sd_bus_start(bus);
    }
    Bus owned{bus, &::sd_bus_flush_close_unref};
    checked(result, "connection to the system bus");
    checked(::sd_bus_set_method_call_timeout(bus, call_limit_us), "time limit");
    return owned;
}

BusMessage owned(sd_bus_message* message) { return {message, &::sd_bus_message_unref}; }

/// A call without arguments or with one text.
BusMessage call(sd_bus* bus, const char* path, const char* interface, const char* member,
                const char* argument = nullptr) {
    sd_bus_message* raw = nullptr;
    checked(::sd_bus_message_new_method_call(bus, &raw, service, path, interface, member), member);
    const BusMessage request = owned(raw);
    if (argument != nullptr) checked(::sd_bus_message_append(request.get(), "s", argument), member);
    sd_bus_message* answer = nullptr;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    const int result = ::sd_bus_call(bus, request.get(), 0, &error, &answer);
    ::sd_bus_error_free(&error);
    checked(result, member);
    return owned(answer);
}

std::vector<SystemdUnit> list_units(sd_bus* bus) {
    const BusMessage answer = call(bus, manager_path, manager, "ListUnits");
    checked(::sd_bus_message_enter_container(answer.get(), 'a', "(ssssssouso)"), "ListUnits");
    std::vector<SystemdUnit> units;
    while (true) {
        const char *id{}, *description{}, *load{}, *active{}, *sub{}, *following{}, *path{}, *job_type{}, *job_path{};
        std::uint32_t job = 0;
        const int result = checked(::sd_bus_message_read(answer.get(), "(ssssssouso)", &id, &description, &load,
                                                         &active, &sub, &following, &path, &job, &job_type, &job_path),
                                   "ListUnits");
        if (result == 0) return units;
        if (units.size() == most_units)
            throw host_error(Reason::kernel_refused, "systemd, ListUnits: more units than annexa reads");
        SystemdUnit unit{.id = id,
                         .description = description,
                         .load_state = load,
                         .active_state = active,
                         .sub_state = sub,
                         .following = following,
                         .object_path = path};
        unit.job_id = job;
        unit.job_type = job_type;
        unit.job_path = job == 0 ? "" : job_path;
        units.push_back(std::move(unit));
    }
}

struct UnitFile {
    std::string path, state;
};

/// Unit name → its file.
std::map<std::string, UnitFile, std::less<>> list_unit_files(sd_bus* bus) {
    const BusMessage answer = call(bus, manager_path, manager, "ListUnitFiles");
    checked(::sd_bus_message_enter_container(answer.get(), 'a', "(ss)"), "ListUnitFiles");
    std::map<std::string, UnitFile, std::less<>> files;
    while (true) {
        const char *path{}, *state{};
        if (checked(::sd_bus_message_read(answer.get(), "(ss)", &path, &state), "ListUnitFiles") == 0) return files;
        if (files.size() == most_units)
            throw host_error(Reason::kernel_refused, "systemd, ListUnitFiles: more units than annexa reads");
        files.try_emplace(std::string{text::file_name(path)}, UnitFile{path, state});
    }
}

/// "getty@tty1.service" → "getty@.service".
std::string template_name(std::string_view unit) {
    const std::size_t at = unit.find('@');
    const std::size_t dot = unit.rfind('.');
    if (at == std::string_view::npos || dot == std::string_view::npos || dot < at) return {};
    return std::string{unit.substr(0, at + 1)} + std::string{unit.substr(dot)};
}

std::optional<std::string> text_property(sd_bus* bus, const std::string& path, const char* interface,
                                         const char* property) {
    char* value = nullptr;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    const int result = ::sd_bus_get_property_string(bus, service, path.c_str(), interface, property, &error, &value);
    ::sd_bus_error_free(&error);
    if (result < 0) return std::nullopt;  // the unit is gone meanwhile
    const std::unique_ptr<char, decltype(&std::free)> freed{value, &std::free};
    return std::string{value};
}

std::optional<std::string> number_text(sd_bus_message* message, char type) {
    union {
        std::uint8_t y;
        std::int16_t n;
        std::uint16_t q;
        std::int32_t i;
        std::uint32_t u;
        std::int64_t x;
        std::uint64_t t;
        double d;
    } value{};
    checked(::sd_bus_message_read_basic(message, type, &value), "GetAll");
    switch (type) {
        case 'y':
            return std::to_string(value.y);
        case 'n':
            return std::to_string(value.n);
        case 'q':
            return std::to_string(value.q);
        case 'i':
            return std::to_string(value.i);
        case 'u':
            return std::to_string(value.u);
        case 'x':
            return std::to_string(value.x);
        case 't':
            return std::to_string(value.t);
        case 'b':
            return value.i != 0 ? "true" : "false";
        default:
            return std::nullopt;
    }
}

std::optional<std::string> variant_text(sd_bus_message* message, std::string_view contents) {
    if (contents == "as") {
        char** list = nullptr;
        checked(::sd_bus_message_read_strv(message, &list), "GetAll");
        std::string text;
        for (char** each = list; each != nullptr && *each != nullptr; ++each) {
            text += (text.empty() ? "" : " ") + std::string{*each};
            std::free(*each);
        }
        std::free(static_cast<void*>(list));
        return text;
    }
    if (contents == "s" || contents == "o" || contents == "g") {
        const char* value = nullptr;
        checked(::sd_bus_message_read_basic(message, contents[0], &value), "GetAll");
        return std::string{value};
    }
    if (contents.size() == 1 && std::string_view{"ynqiuxtb"}.find(contents) != std::string_view::npos)
        return number_text(message, contents[0]);
    checked(::sd_bus_message_skip(message, std::string{contents}.c_str()), "GetAll");
    return std::nullopt;
}

}  // namespace

std::vector<SystemdUnit> systemd_units() {
    const Bus bus = open_bus();
    std::vector<SystemdUnit> units = list_units(bus.get());
    std::map<std::string, UnitFile, std::less<>> files = list_unit_files(bus.get());
    std::vector<std::string> loaded;
    for (SystemdUnit& unit : units) {
        loaded.push_back(unit.id);
        auto file = files.find(unit.id);
        if (file == files.end()) file = files.find(template_name(unit.id));
        if (file != files.end()) {
            unit.fragment_path = file->second.path;
            unit.unit_file_state = file->second.state;
        }
        if (unit.load_state != "loaded") continue;
        if (unit.id.ends_with(".service"))
            unit.user =
                text_property(bus.get(), unit.object_path, "org.freedesktop.systemd1.Service", "User").value_or("");
        if (unit.unit_file_state == "generated")
            unit.source_path =
                text_property(bus.get(), unit.object_path, "org.freedesktop.systemd1.Unit", "SourcePath").value_or("");
    }
    std::sort(loaded.begin(), loaded.end());
    for (const auto& [name, file] : files) {
        if (std::binary_search(loaded.begin(), loaded.end(), name)) continue;
        SystemdUnit unit{.id = name, .load_state = "not-loaded", .active_state = "inactive", .sub_state = "dead"};
        unit.fragment_path = file.path;
        unit.unit_file_state = file.state;
        units.push_back(std::move(unit));
    }
    return units;
}

std::map<std::string, std::string> systemd_unit_properties(std::string_view unit,
                                                           const std::vector<std::string>& names) {
    const Bus bus = open_bus();
    const std::string name{unit};
    const BusMessage loaded = call(bus.get(), manager_path, manager, "LoadUnit", name.c_str());
    const char* path = nullptr;
    checked(::sd_bus_message_read(loaded.get(), "o", &path), "LoadUnit");
    // An empty interface name asks for the properties of all.
    const BusMessage answer = call(bus.get(), path, "org.freedesktop.DBus.Properties", "GetAll", "");
    checked(::sd_bus_message_enter_container(answer.get(), 'a', "{sv}"), "GetAll");
    std::map<std::string, std::string> result;
    while (checked(::sd_bus_message_enter_container(answer.get(), 'e', "sv"), "GetAll") > 0) {
        const char* key = nullptr;
        const char* contents = nullptr;
        checked(::sd_bus_message_read_basic(answer.get(), 's', &key), "GetAll");
        checked(::sd_bus_message_peek_type(answer.get(), nullptr, &contents), "GetAll");
        const std::string property{key};
        const std::string signature{contents};
        if (std::find(names.begin(), names.end(), property) == names.end()) {
            checked(::sd_bus_message_skip(answer.get(), "v"), "GetAll");
        } else {
            checked(::sd_bus_message_enter_container(answer.get(), 'v', signature.c_str()), "GetAll");
            if (auto value = variant_text(answer.get(), signature)) result[property] = std::move(*value);
            checked(::sd_bus_message_exit_container(answer.get()), "GetAll");
        }
        checked(::sd_bus_message_exit_container(answer.get()), "GetAll");
    }
    return result;
}

}  // namespace annexa::collectors
