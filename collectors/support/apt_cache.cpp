#include "collectors/support/apt_cache.hpp"

#include "collectors/host.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/apt_memory.hpp"
#include "collectors/support/apt_release.hpp"
#include "collectors/support/scratch_folder.hpp"

#include <apt-pkg/aptconfiguration.h>
#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/init.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/policy.h>
#include <apt-pkg/version.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

namespace annexa::collectors {
namespace {

// libapt-pkg keeps its configuration and its messages in globals; they are ours for as long as this lives.
class OwnConfiguration {
  public:
    explicit OwnConfiguration(const ScratchFolder& scratch) {
        _error->PushToStack();
        if (const char* before = std::getenv("TMPDIR")) temporary_ = before;
        had_temporary_ = std::getenv("TMPDIR") != nullptr;
        ::setenv("TMPDIR", scratch.path().c_str(), 1);  // where it unpacks the text of a signed InRelease
    }
    ~OwnConfiguration() {
        if (had_temporary_)
            ::setenv("TMPDIR", temporary_.c_str(), 1);
        else
            ::unsetenv("TMPDIR");
        _error->Discard();
        _error->RevertToStack();
        _config = before_;
    }
    OwnConfiguration(const OwnConfiguration&) = delete;
    OwnConfiguration& operator=(const OwnConfiguration&) = delete;

  private:
    std::unique_ptr<Configuration> configuration_ = std::make_unique<Configuration>();
    Configuration* before_ = std::exchange(_config, configuration_.get());
    std::string temporary_;
    bool had_temporary_ = false;
};

// From the host: what decides which version is the candidate, and nothing else.
constexpr const char* copied_settings[] = {"APT::Default-Release", "APT::Install-Recommends", "APT::Build-Profiles"};

// The whole of what libapt-pkg is told. Whatever is not here keeps the library's own default.
void configure(const ScratchFolder& scratch, const AptConfig& host, const std::vector<std::string>& architectures) {
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
             {"Dir", scratch.path() + "/"},
             {"Dir::State", "var/lib/apt"},
             {"Dir::State::lists", "lists/"},
             {"Dir::State::status", scratch.path() + "/var/lib/dpkg/status"},
             {"Dir::State::extended_states", "extended_states"},
             {"Dir::Cache", "var/cache/apt"},
             {"Dir::Cache::archives", "archives/"},
             {"Dir::Cache::srcpkgcache", ""},  // empty: caches live in memory alone
             {"Dir::Cache::pkgcache", ""},
             {"Dir::Etc", "etc/apt"},
             {"Dir::Etc::sourcelist", "sources.list"},
             {"Dir::Etc::sourceparts", "sources.list.d"},
             {"Dir::Etc::preferences", "preferences"},
             {"Dir::Etc::preferencesparts", "preferences.d"},
             {"Dir::Etc::trusted", "trusted.gpg"},
             {"Dir::Etc::trustedparts", "trusted.gpg.d"},
             {"Dir::Log", "var/log/apt"},
             {"Dir::Bin::dpkg", "/nonexistent"},
             {"Acquire::IndexTargets::deb::Packages::MetaKey", "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages"},
             {"Acquire::IndexTargets::deb::Packages::flatMetaKey", "Packages"},
             {"Acquire::IndexTargets::deb::Packages::ShortDescription", "Packages"},
             {"Acquire::IndexTargets::deb::Packages::Description", "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages"},
             {"Acquire::IndexTargets::deb::Packages::flatDescription", "$(RELEASE) Packages"},
             {"Acquire::IndexTargets::deb::Packages::Optional", "0"},
             {"Acquire::Languages", "none"},
             {"APT::Architecture", architectures.front()},
             {"APT::Cache-Start", "25165824"},
         })
        _config->Set(name, value);
    for (const std::string& architecture : architectures) _config->Set("APT::Architectures::", architecture);
    for (const char* name : copied_settings)
        if (const auto setting = host.find(name)) _config->Set(name, setting->value);
}

struct Input {
    std::string path;    // on the host
    std::string name;    // below the folder of ours
    std::string opened;  // where it can be read
};

// Everything that libapt-pkg will read, opened. A file that is not there is no input.
class Inputs {
  public:
    Inputs(Files& files, const AptConfig& host) : files_{files} {
        add("/var/lib/dpkg/status", "var/lib/dpkg/status");
        add(host.path("Dir::Etc::sourcelist"), "etc/apt/sources.list");
        add(host.path("Dir::Etc::preferences"), "etc/apt/preferences");
        add_parts(host.path("Dir::Etc::sourceparts"), "etc/apt/sources.list.d/", "list", false);
        add_parts(host.path("Dir::Etc::sourceparts"), "etc/apt/sources.list.d/", "sources", false);
        add_parts(host.path("Dir::Etc::preferencesparts"), "etc/apt/preferences.d/", "pref", true);
        const std::string lists = host.path("Dir::State::lists");
        for (const std::string& name : names_in(lists))
            if (name.ends_with("Release") || name.find("Packages") != std::string::npos)
                add(lists + "/" + name, "var/lib/apt/lists/" + name);
    }

    [[nodiscard]] const std::vector<Input>& all() const { return inputs_; }

    /// What they were when they were looked at, before anything of them was read.
    [[nodiscard]] const std::vector<FileStatus>& statuses() const { return statuses_; }

  private:
    std::vector<std::string> names_in(const std::string& folder) {
        return files_.list(folder).value_or(std::vector<std::string>{});
    }
    void add(const std::string& path, const std::string& name) {
        const auto status = files_.status(path);
        if (!status || status->kind != FileKind::regular) return;
        auto opened = files_.path_for_library(path);
        if (!opened) return;
        inputs_.push_back({path, name, std::move(*opened)});
        statuses_.push_back(*status);
    }
    void add_parts(const std::string& folder, const std::string& name, std::string_view extension, bool without) {
        for (const std::string& part : apt_part_names(names_in(folder), extension, without))
            add(folder + "/" + part, name + part);
    }

    Files& files_;
    std::vector<Input> inputs_;
    std::vector<FileStatus> statuses_;
};

// What the result depends on.
std::string identity(const Inputs& inputs, const AptConfig& host, const std::vector<std::string>& architectures) {
    std::string text = std::string{pkgLibVersion} + "\n";
    for (const std::string& architecture : architectures) text += architecture + " ";
    for (const char* name : copied_settings) text += "\n" + host.value(name);
    for (std::size_t i = 0; i < inputs.all().size(); ++i) {
        const FileStatus& status = inputs.statuses()[i];
        text += "\n" + inputs.all()[i].path;
        for (const std::uint64_t number :
             {status.device, status.inode, status.size_bytes, static_cast<std::uint64_t>(status.modified_ns),
              static_cast<std::uint64_t>(status.changed_ns)})
            text += " " + std::to_string(number);
    }
    return text;
}

std::int64_t newest_change(const Inputs& inputs) {
    std::int64_t newest = 0;
    for (const FileStatus& status : inputs.statuses())
        newest = std::max({newest, status.modified_ns, status.changed_ns});
    return newest;
}

void link_inputs(const Inputs& inputs, const ScratchFolder& scratch) {
    for (const char* folder :
         {"etc/apt/sources.list.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "var/lib/apt/lists/partial",
          "var/lib/dpkg", "var/cache/apt/archives/partial", "var/log/apt"})
        scratch.make_folder(folder);
    for (const Input& input : inputs.all()) scratch.link(input.name, input.opened);
}

[[noreturn]] void refuse(const std::string& what) {
    std::string message = what;
    while (!_error->empty()) {
        std::string text;
        if (_error->PopMessage(text)) message += ": " + text;
    }
    throw host_error{Reason::malformed_source, message};
}

std::string text_of(const char* text) { return text == nullptr ? std::string{} : std::string{text}; }

bool is_security(const pkgCache::PkgFileIterator& file) {
    return is_security_archive(text_of(file.Origin()), text_of(file.Label()), text_of(file.Archive()),
                               text_of(file.Codename()));
}

bool is_archive(const pkgCache::PkgFileIterator& file) { return (file->Flags & pkgCache::Flag::NotSource) == 0; }

void name_archive(AptUpdate& update, const pkgCache::PkgFileIterator& file) {
    update.origin = text_of(file.Origin());
    update.label = text_of(file.Label());
    update.suite = text_of(file.Archive());
    update.codename = text_of(file.Codename());
    update.site = text_of(file.Site());
}

// By their text: CompareVer() also ranks two builds of one version.
bool is_newer(const pkgCache::VerIterator& a, const pkgCache::VerIterator& b) {
    return _system->VS->CmpVersion(text_of(a.VerStr()), text_of(b.VerStr())) > 0;
}

// False where the installed version is the newest that policy and security archives know.
bool examine(pkgCache::PkgIterator package, pkgPolicy& policy, AptUpdate& update) {
    const pkgCache::VerIterator installed = package.CurrentVer();
    const pkgCache::VerIterator candidate = policy.GetCandidateVer(package);
    const bool newer = !candidate.end() && is_newer(candidate, installed);
    pkgCache::VerIterator security;
    pkgCache::PkgFileIterator archive;
    for (pkgCache::VerIterator version = package.VersionList(); !version.end(); ++version) {
        if (!is_newer(version, installed) || (!security.end() && !is_newer(version, security))) continue;
        for (pkgCache::VerFileIterator file = version.FileList(); !file.end(); ++file)
            if (is_archive(file.File()) && is_security(file.File())) {
                security = version;
                archive = file.File();
            }
    }
    if (!newer && security.end()) return false;

    update.name = text_of(package.Name());
    update.architecture = text_of(installed.Arch());
    update.source = text_of(installed.SourcePkgName());
    update.installed_version = text_of(installed.VerStr());
    update.candidate_version = candidate.end() ? update.installed_version : text_of(candidate.VerStr());
    update.held = package->SelectedState == pkgCache::State::Hold;
    if (!security.end()) {
        update.security_version = text_of(security.VerStr());
        name_archive(update, archive);
    } else {
        for (pkgCache::VerFileIterator file = candidate.FileList(); !file.end(); ++file)
            if (is_archive(file.File())) {
                name_archive(update, file.File());
                break;
            }
    }
    return true;
}

// False where an index offers the installed version.
bool is_stranger(pkgCache::PkgIterator package, AptStranger& stranger) {
    const pkgCache::VerIterator installed = package.CurrentVer();
    pkgCache::VerIterator newest;
    for (pkgCache::VerIterator version = package.VersionList(); !version.end(); ++version)
        for (pkgCache::VerFileIterator file = version.FileList(); !file.end(); ++file) {
            if (!is_archive(file.File())) continue;
            if (text_of(version.VerStr()) == text_of(installed.VerStr())) return false;
            if (newest.end() || is_newer(version, newest)) newest = version;
        }
    stranger = {text_of(package.Name()), text_of(installed.Arch()), text_of(installed.VerStr()),
                newest.end() ? std::string{} : text_of(newest.VerStr()), newest.end() || is_newer(installed, newest)};
    return true;
}

AptCacheView ask_library(const Inputs& inputs, const AptConfig& host, const std::vector<std::string>& architectures) {
    const ScratchFolder scratch;
    link_inputs(inputs, scratch);
    const OwnConfiguration own{scratch};
    configure(scratch, host, architectures);
    (void)APT::Configuration::getArchitectures(false);  // the library remembers those of an earlier call
    (void)APT::Configuration::getLanguages(true, false);
    if (!pkgInitSystem(*_config, _system)) refuse("libapt-pkg cannot be initialised");

    AptCacheView view;
    pkgCacheFile cache;
    if (!cache.BuildCaches(nullptr, false) || !cache.BuildPolicy(nullptr) || _error->PendingError())
        refuse("libapt-pkg cannot read the indexes");
    pkgCache& packages = *cache.GetPkgCache();
    const std::string lists = scratch.path() + "/var/lib/apt/lists/";
    std::vector<std::int64_t> counts(packages.HeaderP->PackageFileCount, 0);
    for (pkgCache::PkgIterator package = packages.PkgBegin(); !package.end(); ++package) {
        for (pkgCache::VerIterator version = package.VersionList(); !version.end(); ++version)
            for (pkgCache::VerFileIterator file = version.FileList(); !file.end(); ++file)
                if (const auto id = file.File()->ID; id < counts.size()) ++counts[id];
        AptUpdate update;
        if (package.CurrentVer().end()) continue;
        if (examine(package, *cache.GetPolicy(), update)) view.updates.push_back(std::move(update));
        if (AptStranger stranger; is_stranger(package, stranger)) view.strangers.push_back(std::move(stranger));
    }
    for (pkgCache::PkgFileIterator file = packages.FileBegin(); !file.end(); ++file) {
        const std::string path = text_of(file.FileName());
        if (path.starts_with(lists) && file->ID < counts.size())
            view.packages[path.substr(lists.size())] = counts[file->ID];
    }
    return view;
}

}  // namespace

AptCacheView read_apt_cache(Files& files, const AptConfig& host, const std::vector<std::string>& architectures) {
    const Inputs inputs{files, host};
    const AptMemory memory{identity(inputs, host, architectures)};
    if (auto known = memory.recall()) return *std::move(known);
    AptCacheView view = ask_library(inputs, host, architectures);
    memory.remember(view, newest_change(inputs));
    return view;
}

}  // namespace annexa::collectors
