#include "collectors/support/audit_kernel_rule.hpp"

#include "evidence/errors.hpp"

#include <libaudit.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace annexa::collectors {
namespace {

struct Field {
    int field = 0;
    std::string_view symbol;
    std::uint32_t value = 0;
    std::string_view text;  // of fields that carry one
};

struct Rule {
    std::uint32_t flags = 0;
    std::uint32_t action = 0;
    std::vector<Field> fields;
    std::uint32_t mask[AUDIT_BITMASK_SIZE] = {};
};

bool carries_text(int field) {
    return field == AUDIT_WATCH || field == AUDIT_DIR || field == AUDIT_FILTERKEY || field == AUDIT_EXE ||
           (field >= AUDIT_SUBJ_USER && field <= AUDIT_SUBJ_CLR) ||
           (field >= AUDIT_OBJ_USER && field <= AUDIT_OBJ_LEV_HIGH);
}

std::string_view symbol_of(std::uint32_t operators) {
    switch (operators & static_cast<std::uint32_t>(AUDIT_OPERATORS)) {
        case AUDIT_NOT_EQUAL:
            return "!=";
        case AUDIT_GREATER_THAN:
            return ">";
        case AUDIT_GREATER_THAN_OR_EQUAL:
            return ">=";
        case AUDIT_LESS_THAN:
            return "<";
        case AUDIT_LESS_THAN_OR_EQUAL:
            return "<=";
        case AUDIT_BIT_MASK:
            return "&";
        case AUDIT_BIT_TEST:
            return "&=";
        default:
            return "=";
    }
}

Rule parse(std::string_view raw) {
    constexpr std::size_t head = offsetof(audit_rule_data, buf);
    audit_rule_data data{};
    if (raw.size() < head) throw evidence::format_error(raw.size(), "a whole audit rule");
    std::memcpy(&data, raw.data(), head);
    if (data.field_count > AUDIT_MAX_FIELDS) throw evidence::format_error(8, "at most 64 fields");
    std::string_view texts = raw.substr(head, data.buflen);
    if (texts.size() != data.buflen) throw evidence::format_error(raw.size(), "the texts of the audit rule");
    Rule rule;
    rule.flags = data.flags;
    rule.action = data.action;
    std::copy(std::begin(data.mask), std::end(data.mask), std::begin(rule.mask));
    for (std::uint32_t i = 0; i < data.field_count; ++i) {
        Field field{static_cast<int>(data.fields[i]), symbol_of(data.fieldflags[i]), data.values[i], {}};
        if (carries_text(field.field)) {
            if (field.value > texts.size()) throw evidence::format_error(head, "a text within the audit rule");
            field.text = texts.substr(0, field.value);
            texts.remove_prefix(field.value);
        }
        rule.fields.push_back(field);
    }
    return rule;
}

bool all_syscalls(const Rule& rule) {
    return std::all_of(std::begin(rule.mask), std::end(rule.mask) - 1,
                       [](std::uint32_t word) { return word == UINT32_MAX; });
}

/// What `-w` makes: a path or folder, permissions, keys, and every system call.
bool is_watch(const Rule& rule) {
    bool permission = false;
    for (const Field& field : rule.fields) {
        permission = permission || field.field == AUDIT_PERM;
        if (field.field != AUDIT_PERM && field.field != AUDIT_FILTERKEY && field.field != AUDIT_DIR &&
            field.field != AUDIT_WATCH)
            return false;
    }
    const std::uint32_t filter = rule.flags & static_cast<std::uint32_t>(AUDIT_FILTER_MASK);
    return permission && filter == AUDIT_FILTER_EXIT && all_syscalls(rule);
}

std::string name_or_number(const char* name, std::uint32_t value) {
    return name != nullptr ? std::string{name} : std::to_string(static_cast<std::int32_t>(value));
}

std::string syscalls_text(const Rule& rule, int machine) {
    const std::uint32_t filter = rule.flags & static_cast<std::uint32_t>(AUDIT_FILTER_MASK);
    if (filter != AUDIT_FILTER_EXIT && filter != AUDIT_FILTER_ENTRY) return {};
    if (all_syscalls(rule)) return " -S all";
    std::string text;
    for (int number = 0; number < static_cast<int>(AUDIT_BITMASK_SIZE) * 32; ++number) {
        if ((rule.mask[number / 32] & (1U << (static_cast<unsigned>(number) % 32U))) == 0) continue;
        text += text.empty() ? " -S " : ",";
        text += name_or_number(audit_syscall_to_name(number, machine), static_cast<std::uint32_t>(number));
    }
    return text;
}

std::string permissions_text(std::uint32_t value) {
    std::string text;
    if ((value & AUDIT_PERM_READ) != 0) text += 'r';
    if ((value & AUDIT_PERM_WRITE) != 0) text += 'w';
    if ((value & AUDIT_PERM_EXEC) != 0) text += 'x';
    if ((value & AUDIT_PERM_ATTR) != 0) text += 'a';
    return text;
}

/// Keys are put together with \001 in one field.
std::string keys_text(std::string_view keys, bool watch) {
    std::string text;
    while (!keys.empty()) {
        const std::size_t end = std::min(keys.find(AUDIT_KEY_SEPARATOR), keys.size());
        if (end != 0) text += (watch ? " -k " : " -F key=") + std::string{keys.substr(0, end)};
        keys.remove_prefix(std::min(end + 1, keys.size()));
    }
    return text;
}

std::string exit_text(std::uint32_t value) {
    const auto number = static_cast<std::int32_t>(value);
    const char* name = number < 0 ? audit_errno_to_name(-number) : nullptr;
    return name == nullptr ? std::to_string(number) : "-" + std::string{name};
}

std::string hexadecimal(std::uint32_t value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    do text.insert(text.begin(), digits[value % 16U]);
    while ((value /= 16U) != 0);
    return "0x" + text;
}

std::string value_text(const Field& field) {
    switch (field.field) {
        case AUDIT_ARCH:
            return (field.value & __AUDIT_ARCH_64BIT) != 0 ? "b64" : "b32";
        case AUDIT_MSGTYPE:
            return name_or_number(audit_msg_type_to_name(static_cast<int>(field.value)), field.value);
        case AUDIT_PERM:
            return permissions_text(field.value);
        case AUDIT_EXIT:
            return exit_text(field.value);
        case AUDIT_FILETYPE:
            return name_or_number(audit_ftype_to_name(static_cast<int>(field.value)), field.value);
        case AUDIT_FSTYPE:
            return name_or_number(audit_fstype_to_name(static_cast<int>(field.value)), field.value);
        case AUDIT_ARG0:
        case AUDIT_ARG1:
        case AUDIT_ARG2:
        case AUDIT_ARG3:
            return hexadecimal(field.value);
        default:
            return std::to_string(static_cast<std::int32_t>(field.value));
    }
}

std::string field_text(const Field& field, bool watch) {
    if (field.field == AUDIT_FILTERKEY) return keys_text(field.text, watch);
    if (watch && field.field == AUDIT_PERM) return " -p " + permissions_text(field.value);
    if (watch) return "-w " + std::string{field.text};
    const char* name = audit_field_to_name(field.field);
    std::string text = " -F " + (name != nullptr ? std::string{name} : "f" + std::to_string(field.field));
    text += field.symbol;
    return text + (carries_text(field.field) ? std::string{field.text} : value_text(field));
}

}  // namespace

std::string audit_rule_text(std::string_view raw) {
    const Rule rule = parse(raw);
    const bool watch = is_watch(rule);
    std::string text;
    if (!watch) {
        const std::uint32_t filter = rule.flags & static_cast<std::uint32_t>(AUDIT_FILTER_MASK);
        text = "-a " + name_or_number(audit_action_to_name(static_cast<int>(rule.action)), rule.action) + "," +
               name_or_number(audit_flag_to_name(static_cast<int>(filter)), filter);
        int machine = audit_detect_machine();
        for (const Field& field : rule.fields) {
            if (field.field != AUDIT_ARCH) continue;
            machine = audit_elf_to_machine(field.value);
            text += field_text(field, false);
        }
        text += syscalls_text(rule, machine);
    }
    for (const Field& field : rule.fields)
        if (watch || field.field != AUDIT_ARCH) text += field_text(field, watch);
    return text;
}

}  // namespace annexa::collectors
