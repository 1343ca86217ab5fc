// annexa policy list|show|upload|adopt|set: the packs in force, their parameters, and who adopted them.
#include "cli/command_line.hpp"
#include "cli/text.hpp"
#include "evidence/errors.hpp"
#include "evidence/utf8.hpp"
#include "policies/duration.hpp"
#include "policies/pack.hpp"
#include "policies/schema.hpp"
#include "terminal/columns.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct PolicyOptions {
    std::string pack;
    std::vector<std::string> settings;    // PARAMETER=VALUE
    std::vector<std::string> tolerances;  // CHECK=HOSTS
    std::vector<std::string> times;       // CHECK=TIME
    std::string document, sha256, folder;
    Format format = Format::text;
};

std::string adoption_text(const json& pack) {
    if (pack["adopted"].is_null()) return "the vendor's default, adopted by nobody";
    return "adopted " + short_time(pack["adopted"]["at"]) + " UTC by " + person(pack["adopted"], "account") +
           ", entry " + pack["adopted"]["index"].dump();
}

std::string value_text(const json& value) {
    if (!value.is_array()) return text_of(value);
    std::string text;
    for (const json& item : value) text += (text.empty() ? "" : ", ") + text_of(item);
    return text;
}

json adoption_body(const PolicyOptions& options, bool keep) {
    json parameters = json::object();
    for (const std::string& setting : options.settings) {
        const auto [name, value] = assignment("--set", setting);
        parameters[name] = value;
    }
    json tolerances = json::object();
    for (const std::string& setting : options.tolerances) {
        const auto [check, text] = assignment("--tolerance", setting);
        std::uint64_t hosts = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), hosts).ptr != text.data() + text.size() ||
            text.empty())
            throw evidence::error("--tolerance: expected CHECK=HOSTS, found \"" + setting + "\"");
        tolerances[check] = hosts;
    }
    json times = json::object();
    for (const std::string& setting : options.times) {
        const auto [check, text] = assignment("--fix-within", setting);
        const auto time = policies::parse_duration(text);
        if (!time) throw evidence::error("--fix-within: expected CHECK=TIME such as updates-security-pending=14d, found \"" + setting + "\"");
        times[check] = time->count();
    }
    json body{{"parameters", std::move(parameters)},
              {"tolerances", std::move(tolerances)},
              {"fix_within_s", std::move(times)},
              {"keep", keep}};
    if (!options.document.empty()) body["document"] = options.document;
    if (!options.sha256.empty()) body["sha256"] = options.sha256;
    return body;
}

Exit put_adoption(const PolicyOptions& options, bool keep, Client& client, const Terminal& terminal) {
    const json answer =
        client.put("/api/v1/policies/" + path_segment(options.pack) + "/adoption", adoption_body(options, keep));
    terminal.out << "adopted " << text_of(answer, "pack") << ' ' << text_of(answer, "version") << ", digest "
                 << text_of(answer, "sha256") << ", entry " << answer["index"].dump() << '\n';
    return Exit::fine;
}

Exit command_policy_list(const PolicyOptions& options, Client& client, const Terminal& terminal) {
    const json answer = client.get("/api/v1/policies");
    if (options.format == Format::json) {
        terminal.out << answer["packs"].dump(2) << '\n';
        return Exit::fine;
    }
    for (const json& pack : answer["packs"]) {
        terminal.out << terminal.paint(Colour::bold, text_of(pack, "pack")) << ' ' << text_of(pack, "version") << "  "
                     << text_of(pack, "title") << '\n'
                     << "  " << pack["checks"].dump() << " checks in force, " << adoption_text(pack) << '\n';
        if (pack["offered"].is_object())
            terminal.out << "  this server ships version " << text_of(pack["offered"], "version")
                         << "; it changes nothing until it is adopted: `annexa policy adopt " << text_of(pack, "pack")
                         << "`\n";
        else if (pack["adopted"].is_null())
            terminal.out << "  adopt it once your organization stands by it: `annexa policy adopt "
                         << text_of(pack, "pack") << "`\n";
    }
    return Exit::fine;
}

Exit command_policy_show(const PolicyOptions& options, Client& client, const Terminal& terminal) {
    const json pack = client.get("/api/v1/policies/" + path_segment(options.pack));
    if (options.format == Format::json) {
        terminal.out << pack.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << terminal.paint(Colour::bold, text_of(pack, "pack")) << ' ' << text_of(pack, "version") << "  "
                 << text_of(pack, "title") << '\n'
                 << "digest " << text_of(pack, "sha256") << '\n'
                 << adoption_text(pack) << "\n\n";
    terminal.out << terminal.paint(Colour::bold, "PARAMETERS") << '\n';
    for (const json& parameter : pack["parameters"]) {
        const bool set = parameter["set"].get<bool>();
        const std::string unit = text_of(parameter, "unit");
        terminal.out << "  " << terminal.paint(Colour::bold, text_of(parameter, "name")) << "  "
                     << text_of(parameter, "title") << '\n'
                     << terminal::wrapped("= " + value_text(parameter["value"]) + (unit.empty() ? "" : " " + unit) +
                                              (set ? ", set here; shipped: " + value_text(parameter["shipped"]) : ""),
                                          "      ");
    }
    terminal.out << '\n';
    terminal::Columns checks;
    checks.heads = {"CHECK", "SEVERITY", "FIX WITHIN", "TOLERANCE", "TITLE"};
    for (const json& check : pack["checks"]) {
        const std::chrono::seconds time{check["fix_within_s"].get<std::int64_t>()};
        const bool in_force = check["in_force"].get<bool>();
        checks.add(
            {text_of(check, "check"), text_of(check, "severity"), time.count() == 0 ? "at once" : policies::duration_text(time),
             check["tolerance"].dump(), text_of(check, "title") + (in_force ? "" : " (off)")},
            std::vector<Colour>(5, in_force ? Colour::none : Colour::dim));
    }
    terminal.out << checks.text(terminal.paint);
    return Exit::fine;
}

/// What is wrong is said here with file and line, before anything is sent.
Exit command_policy_upload(const PolicyOptions& options, Client& client, const Terminal& terminal) {
    const policies::FileTree files = policies::read_pack_folder(options.folder);
    const policies::Pack pack = policies::load_pack(files, policies::built_in_schemas());
    json texts = json::object();
    for (const auto& [path, text] : files) {
        if (path.starts_with("cases/")) continue;
        if (!evidence::is_utf8(text)) throw evidence::error(path + ": is no UTF-8");
        texts[path] = text;
    }
    const json answer = client.put("/api/v1/policies/" + path_segment(pack.name), {{"files", std::move(texts)}});
    if (options.format == Format::json) {
        terminal.out << answer.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << "uploaded " << text_of(answer, "pack") << ' ' << text_of(answer, "version") << ", "
                 << counted(answer["checks"].get<std::size_t>(), "check") << '\n'
                 << "it changes nothing until it is adopted: `annexa policy adopt " << text_of(answer, "pack")
                 << " --sha256 " << text_of(answer, "sha256") << "`\n";
    return Exit::fine;
}

Exit command_policy_adopt(const PolicyOptions& options, Client& client, const Terminal& terminal) {
    return put_adoption(options, false, client, terminal);
}

Exit command_policy_set(const PolicyOptions& options, Client& client, const Terminal& terminal) {
    if (options.settings.empty() && options.tolerances.empty() && options.times.empty())
        throw evidence::error("nothing to set: give PARAMETER=VALUE, --tolerance CHECK=HOSTS or --fix-within CHECK=TIME");
    return put_adoption(options, true, client, terminal);
}

}  // namespace

void add_policies(Command& line) {
    auto o = std::make_shared<PolicyOptions>();
    Command policy = line.group("policy", "The policy packs in force, their parameters, and who adopted them");
    policy
        .add("list", "The packs in force", "Example:\n  annexa policy list",
             [o](Client& c, const Terminal& t) { return command_policy_list(*o, c, t); })
        .format(o->format);
    const auto add_pack = [&](Command& command) {
        command.option("PACK", o->pack, "Its name, such as linux-baseline").required();
    };
    const auto add_tolerance = [&](Command& command) {
        command
            .option("--tolerance", o->tolerances,
                    "Hosts on which a check may be overdue before the control suffers; may repeat")
            .shown_as("CHECK=HOSTS");
        command
            .option("--fix-within", o->times, "How long a finding may be open before it is overdue: 0, 12h, 14d; may repeat")
            .shown_as("CHECK=TIME");
        command.option("--document", o->document, "Digest of the organization's text that it is tied to")
            .shown_as("SHA256");
    };
    Command show =
        policy.add("show", "A pack: parameters, checks, adoption", "Example:\n  annexa policy show linux-baseline",
                   [o](Client& c, const Terminal& t) { return command_policy_show(*o, c, t); });
    add_pack(show);
    show.format(o->format);
    Command upload =
        policy.add("upload", "Send a pack of your own to the store; it changes nothing until it is adopted",
                   "Its cases stay here: `annexa-agent policy test FOLDER` runs them.\n\nExample:\n  annexa policy upload ./our-pack",
                   [o](Client& c, const Terminal& t) { return command_policy_upload(*o, c, t); });
    upload.option("FOLDER", o->folder, "The pack's folder, with pack.yaml and checks/").required();
    upload.format(o->format);
    Command adopt =
        policy.add("adopt", "Your organization stands by this pack: it stays in force until another is adopted",
                   "Examples:\n  annexa policy adopt linux-baseline\n  annexa policy adopt linux-baseline --set "
                   "password_max_days=90 --tolerance updates-security-pending=2\n  annexa policy adopt our-pack --sha256 3f…",
                   [o](Client& c, const Terminal& t) { return command_policy_adopt(*o, c, t); });
    add_pack(adopt);
    adopt
        .option("--sha256", o->sha256, "The pack of this digest, which was uploaded; without it what the server ships")
        .shown_as("SHA256");
    adopt.option("--set", o->settings, "Set a parameter; may repeat").shown_as("PARAMETER=VALUE");
    add_tolerance(adopt);
    Command set = policy.add("set", "Change parameters of an adopted pack; the rest stays",
                             "Example:\n  annexa policy set linux-baseline password_max_days=90",
                             [o](Client& c, const Terminal& t) { return command_policy_set(*o, c, t); });
    add_pack(set);
    set.option("SETTING", o->settings, "PARAMETER=VALUE").shown_as("PARAMETER=VALUE …");
    add_tolerance(set);
}

}  // namespace annexa::cli
