#include "collectors/support/apt_cache.hpp"

#include "collectors/host.hpp"
#include "collectors/support/apt_config.hpp"
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

#include <cstdlib>
#include <memory>
#include <utility>

namespace annexa::collectors {
namespace {

// libapt-pkg keeps its configuration and its messages in globals; they are ours for as long as this lives.
class OwnConfiguration {
  public:
    explicit OwnConfiguration(const ScratchFolder& scratch) {
        std::swap(_config, configuration_);
        _error->PushToStack();
        if (const char* before = std::getenv("TMPDIR")) temporary_ = before;
        had_temporary_ = std::getenv("TMPDIR") != nullptr;
        ::setenv("TMPDIR", scratch.path().c_str(), 1);  // where it unpacks the text of a signed InRelease
    }
    ~OwnConfiguration() {
        if (had_temporary_) ::setenv("TMPDIR", temporary_.c_str(), 1);
        else ::unsetenv("TMPDIR");
        _error->Discard();
        _error->RevertToStack();
        std::swap(_config, configuration_);
        delete configuration_;  // NOLINT(cppcoreguidelines-owning-memory): the global is a plain pointer
    }
    OwnConfiguration(const OwnConfiguration&) = delete;
    OwnConfiguration& operator=(const OwnConfiguration&) = delete;

  private:
    Configuration* configuration_ = new Configuration;  // NOLINT(cppcoreguidelines-owning-memory)
    std::string temporary_;
    bool had_temporary_ = false;
};

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
    // From the host: what decides which version is the candidate, and nothing else.
    for (const char* name : {"APT::Default-Release", "APT::Install-Recommends", "APT::Build-Profiles"})
        if (const auto setting = host.find(name)) _config->Set(name, setting->value);
}

void link_file(Files& files, const ScratchFolder& scratch, const std::string& path, const std::string& name) {
    const auto status = files.status(path);
    if (!status || status->kind != FileKind::regular) return;
    if (const auto opened = files.path_for_library(path)) scratch.link(name, *opened);
}

void link_parts(Files& files, const ScratchFolder& scratch, const std::string& folder, const std::string& name,
                const std::vector<std::string>& parts) {
    for (const std::string& part : parts) link_file(files, scratch, folder + "/" + part, name + "/" + part);
}

std::vector<std::string> parts_of(Files& files, const std::string& folder, std::string_view extension, bool without) {
    const auto names = files.list(folder);
    return names ? apt_part_names(*names, extension, without) : std::vector<std::string>{};
}

void link_inputs(Files& files, const AptConfig& host, const ScratchFolder& scratch) {
    for (const char* folder : {"etc/apt/sources.list.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d",
                               "var/lib/apt/lists/partial", "var/lib/dpkg", "var/cache/apt/archives/partial", "var/log/apt"})
        scratch.make_folder(folder);
    link_file(files, scratch, "/var/lib/dpkg/status", "var/lib/dpkg/status");
    link_file(files, scratch, host.path("Dir::Etc::sourcelist"), "etc/apt/sources.list");
    link_file(files, scratch, host.path("Dir::Etc::preferences"), "etc/apt/preferences");
    const std::string sources = host.path("Dir::Etc::sourceparts");
    link_parts(files, scratch, sources, "etc/apt/sources.list.d", parts_of(files, sources, "list", false));
    link_parts(files, scratch, sources, "etc/apt/sources.list.d", parts_of(files, sources, "sources", false));
    const std::string preferences = host.path("Dir::Etc::preferencesparts");
    link_parts(files, scratch, preferences, "etc/apt/preferences.d", parts_of(files, preferences, "pref", true));
    const std::string lists = host.path("Dir::State::lists");
    for (const std::string& name : files.list(lists).value_or(std::vector<std::string>{}))
        if (name.ends_with("Release") || name.find("Packages") != std::string::npos)
            link_file(files, scratch, lists + "/" + name, "var/lib/apt/lists/" + name);
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
    return is_security_archive(text_of(file.Origin()), text_of(file.Label()), text_of(file.Archive()), text_of(file.Codename()));
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

}  // namespace

AptCacheView read_apt_cache(Files& files, const AptConfig& host, const std::vector<std::string>& architectures) {
    const ScratchFolder scratch;
    link_inputs(files, host, scratch);
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
        if (!package.CurrentVer().end() && examine(package, *cache.GetPolicy(), update)) view.updates.push_back(std::move(update));
    }
    for (pkgCache::PkgFileIterator file = packages.FileBegin(); !file.end(); ++file) {
        const std::string path = text_of(file.FileName());
        if (path.starts_with(lists) && file->ID < counts.size()) view.packages[path.substr(lists.size())] = counts[file->ID];
    }
    return view;
}

}  // namespace annexa::collectors
