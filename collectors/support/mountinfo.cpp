#include "collectors/support/mountinfo.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <charconv>

namespace annexa::collectors {
namespace {

std::vector<std::string_view> fields_of(std::string_view line, std::string_view separators) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t begin = line.find_first_not_of(separators);
        if (begin == std::string_view::npos) return fields;
        const std::size_t end = std::min(line.find_first_of(separators, begin), line.size());
        fields.push_back(line.substr(begin, end - begin));
        line.remove_prefix(end);
    }
}

template <typename Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc{} && end == text.data() + text.size();
}

bool parse_line(std::string_view line, Mount& mount) {
    const auto fields = fields_of(line, " ");
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 3) return false;
    const std::string_view numbers = fields[2];
    const std::size_t colon = numbers.find(':');
    if (colon == std::string_view::npos) return false;
    mount.root = unescape_mount(fields[3]);
    mount.path = unescape_mount(fields[4]);
    mount.options = fields[5];
    mount.type = unescape_mount(dash[1]);
    // a file system may have an empty source: then the super options follow at once
    mount.device = fields.end() - dash > 3 ? unescape_mount(dash[2]) : "";
    mount.super_options = fields.back();
    return parse(fields[0], mount.id) && parse(fields[1], mount.parent) &&
           parse(numbers.substr(0, colon), mount.major) && parse(numbers.substr(colon + 1), mount.minor);
}

}  // namespace

bool has_option(std::string_view options, std::string_view option) {
    return ("," + std::string{options} + ",").find("," + std::string{option} + ",") != std::string::npos;
}

bool is_hidden(const std::vector<Mount>& mounts, std::size_t index) {
    return std::any_of(mounts.begin() + static_cast<std::ptrdiff_t>(index) + 1, mounts.end(),
                       [&](const Mount& later) { return later.path == mounts[index].path; });
}

std::string read_mountinfo(Kernel& kernel) {
    try {
        if (auto text = kernel.read("/proc/1/mountinfo")) return *text;
    } catch (const host_error& failure) {
        if (failure.reason() != evidence::Reason::permission_denied) throw;
    }
    if (auto text = kernel.read("/proc/self/mountinfo")) return *text;
    throw host_error{evidence::Reason::unreadable_source, "/proc/self/mountinfo: No such file or directory"};
}

std::string unescape_mount(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
            result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::vector<Mount> mounts;
    int number = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        if (line.empty()) continue;
        Mount mount;
        if (!parse_line(line, mount))
            throw host_error{evidence::Reason::malformed_source,
                             "/proc/self/mountinfo:" + std::to_string(number) + ": not a line of mountinfo"};
        mounts.push_back(std::move(mount));
    }
    // whoever asks has at least a root file system
    if (mounts.empty()) throw host_error{evidence::Reason::malformed_source, "/proc/self/mountinfo: expected a mount, found none"};
    return mounts;
}

std::vector<FstabEntry> parse_fstab(std::string_view text) {
    std::vector<FstabEntry> entries;
    int number = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const auto fields = fields_of(text.substr(0, newline), " \t\r");
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        if (fields.empty() || fields[0].starts_with('#')) continue;
        if (fields.size() < 3)
            throw host_error{evidence::Reason::malformed_source,
                             "/etc/fstab:" + std::to_string(number) + ": expected device, path and type"};
        entries.push_back({unescape_mount(fields[0]), unescape_mount(fields[1]), unescape_mount(fields[2]),
                           fields.size() > 3 ? std::string{fields[3]} : "defaults", number});
    }
    return entries;
}

}  // namespace annexa::collectors
