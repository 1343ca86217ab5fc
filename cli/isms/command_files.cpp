// annexa isms attach, download: files as evidence.
#include "cli/command_line.hpp"
#include "cli/isms/assignments.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/input_file.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"
#include "evidence/digest.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <ostream>

namespace annexa::cli {
namespace {

using evidence::error;
using nlohmann::json;
using terminal::Colour;

constexpr std::size_t largest_file = std::size_t{100} << 20;

struct AttachOptions {
    std::string file;
    std::vector<std::string> assignments;
    Format format = Format::text;
};

struct DownloadOptions {
    std::string what, out = "-";
};

/// What does not fit is said before the file is sent, so that none is left behind; that it is not there yet does fit.
void try_out(const json& changes, Client& client) {
    try {
        client.post("/api/v1/isms/changes", {{"changes", changes}, {"dry_run", true}});
    } catch (const refused& problem) {
        for (const Misfit& misfit : problem.misfits())
            if (misfit.path != "file") throw;
        if (problem.misfits().empty()) throw;
    }
}

Exit command_attach(const AttachOptions& options, Client& client, const Terminal& terminal) {
    const Kinds kinds = Kinds::from(client);
    const std::string bytes = read_input(options.file, largest_file);
    const std::string digest = evidence::sha256(bytes).hex();
    const std::string name =
        options.file == "-" ? "standard input" : std::filesystem::path{options.file}.filename().string();
    json members{{"title", name}, {"form", "file"}, {"file", digest}, {"file_name", name}};
    assign(members, kinds.get("evidence").fields, options.assignments);
    const json changes = json::array({{{"record", "the new evidence"}, {"kind", "evidence"}, {"members", members}}});
    try_out(changes, client);
    const json uploaded = client.upload("/api/v1/files/" + digest, bytes);
    const json applied = client.post("/api/v1/isms/changes", {{"changes", changes}})["applied"][0];
    if (options.format == Format::json) {
        terminal.out << json{{"id", applied["id"]}, {"file", uploaded}}.dump(2) << '\n';
        return Exit::fine;
    }
    terminal.out << "made " << terminal.paint(Colour::bold, text_of(applied, "id")) << "  evidence  "
                 << text_of(members, "title") << '\n'
                 << uploaded["size"].dump() << " bytes of " << text_of(uploaded, "media_type") << ", SHA-256 " << digest
                 << '\n'
                 << "it shows nothing until another person has reviewed it: `annexa isms approve "
                 << text_of(applied, "id") << "`\n";
    return Exit::fine;
}

bool is_digest(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Exit command_download(const DownloadOptions& options, Client& client, const Terminal& terminal) {
    std::string digest = options.what;
    if (!is_digest(digest)) {
        const json record = fetch_record(client, options.what);
        digest = record["members"].is_object() ? text_of(record["members"], "file") : "";
        if (digest.empty())
            throw error(options.what +
                        " has no file; give the SHA-256 of what a record froze, as annexa isms get shows it");
    }
    const std::string bytes = client.download("/api/v1/files/" + digest);
    if (evidence::sha256(bytes).hex() != digest)
        throw error("what the store sent is not of the digest " + digest + "; run annexa-server check there");
    if (options.out == "-")
        terminal.out << bytes;
    else
        write_output(options.out, bytes);
    return Exit::fine;
}

}  // namespace

void add_isms_files(Command& isms) {
    auto o = std::make_shared<AttachOptions>();
    Command attach = isms.add("attach", "Attach a file as evidence; another person reviews it",
                              std::string{assignments_help} +
                                  "Say what it is evidence for: requirements (controls and clauses) or records. At "
                                  "most 100 MiB.\n\nExamples:\n"
                                  "  annexa isms attach restore-test.pdf requirements=A.8.13 produced=2027-03-02 "
                                  "obtained_from='backup team'\n"
                                  "  annexa isms attach minutes.pdf title='Minutes, signed' records=R-0042",
                              [o](Client& c, const Terminal& t) { return command_attach(*o, c, t); });
    attach.option("FILE", o->file, "The file; - for standard input").required();
    attach.option("MEMBERS", o->assignments, "NAME=VALUE").shown_as("NAME=VALUE …");
    attach.format(o->format);

    auto wanted = std::make_shared<DownloadOptions>();
    Command download = isms.add(
        "download", "The file of a piece of evidence, or a document that a record froze; its digest is verified",
        "Examples:\n  annexa isms download R-0042 --out restore-test.pdf\n  annexa isms download $(annexa isms get "
        "R-0005 --format json | jq -r .members.digest)",
        [wanted](Client& c, const Terminal& t) { return command_download(*wanted, c, t); });
    download.option("WHAT", wanted->what, "The evidence, or the SHA-256 of a document")
        .required()
        .shown_as("ID|SHA256");
    download.option("--out", wanted->out, "Where to; standard output without it").shown_as("FILE");
}

}  // namespace annexa::cli
