// Nothing leads out of an image, and nothing but regular files is ever opened.
#include "collectors/rooted_files.hpp"
#include "collectors/machine.hpp"
#include "support/temporary_folder.hpp"

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

struct Image {
    tests::TemporaryFolder folder;
    std::unique_ptr<Machine> machine;

    Image() {
        folder.write("outside", "secret\n");
        folder.write("root/etc/inside", "inside\n");
        machine = image_machine(root());
    }
    [[nodiscard]] std::string root() const { return folder / "root"; }
    void link(const std::string& target, const std::string& name) const {
        fs::create_directories(fs::path{root() + name}.parent_path());
        fs::create_symlink(target, root() + name);
    }
    Files& files() { return machine->host().files; }
    Reason refusal(const std::string& path) {
        try {
            const auto file = files().read(path);
        } catch (const host_error& failure) {
            INFO(failure.what());
            CHECK(std::string{failure.what()}.starts_with(path + ": "));
            return failure.reason();
        }
        return Reason::internal;
    }
};

}  // namespace

TEST_CASE("a link is followed as the image's own kernel would follow it") {
    Image image;
    image.link("/etc/inside", "/absolute");
    image.link("../../../../../../../../etc/inside", "/a/b/upwards");
    image.link("/", "/etc/top");
    CHECK(image.files().read("/absolute").value().text == "inside\n");
    CHECK(image.files().read("/a/b/upwards").value().text == "inside\n");
    CHECK(image.files().read("/etc/top/etc/top/etc/inside").value().text == "inside\n");
    CHECK(image.files().read("/../../etc/inside").value().text == "inside\n");
    CHECK(image.files().read_link("/absolute") == "/etc/inside");
    CHECK(image.files().status_of_link("/absolute").value().kind == FileKind::symlink);
    CHECK(image.files().status("/absolute").value().kind == FileKind::regular);
}

TEST_CASE("no link leads out of an image") {
    Image image;
    image.link(image.folder / "outside", "/by-absolute-path");
    image.link("../outside", "/by-relative-path");
    image.link("/../outside", "/by-dots");
    image.link("/etc/../../outside", "/by-more-dots");
    image.link("/proc/self/root" + (image.folder / "outside"), "/by-proc");
    image.link("/proc/self/cwd", "/by-cwd");
    image.link("/dev/fd/0", "/by-descriptor");
    for (const char* path : {"/by-absolute-path", "/by-relative-path", "/by-dots", "/by-more-dots", "/by-proc",
                             "/by-cwd", "/by-descriptor", "/../outside", "/etc/../../outside"}) {
        INFO(path);
        CHECK_FALSE(image.files().read(path));
        CHECK_FALSE(image.files().status(path));
        CHECK_FALSE(image.files().list(path));
    }
    CHECK(image.files().list("/..").value() == image.files().list("/").value());
}

TEST_CASE("a loop of links is an error, not absence") {
    Image image;
    image.link("/two", "/one");
    image.link("/one", "/two");
    CHECK(image.refusal("/one") == Reason::unreadable_source);
    image.link("/nowhere", "/dangling");
    CHECK_FALSE(image.files().read("/dangling"));
}

TEST_CASE("special files are never opened") {
    Image image;
    REQUIRE(::mkfifo((image.root() + "/etc/pipe").c_str(), 0600) == 0);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = image.root() + "/etc/socket";
    std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::close(socket);
    image.link("/etc/pipe", "/etc/link-to-pipe");
    for (const char* special : {"/etc/pipe", "/etc/socket", "/etc/link-to-pipe", "/etc"})
        CHECK(image.refusal(special) == Reason::unreadable_source);
    CHECK(image.files().status("/etc/pipe").value().kind == FileKind::fifo);
    CHECK(image.files().status("/etc/socket").value().kind == FileKind::socket);
    CHECK_THROWS_AS(image.files().read_head("/etc/pipe", 10), host_error);
    CHECK_THROWS_AS(image.files().list("/etc/inside"), host_error);
    // Only root may make device nodes, and not everywhere.
    if (::mknod((image.root() + "/etc/device").c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0) return;
    CHECK(image.refusal("/etc/device") == Reason::unreadable_source);
    CHECK(image.files().status("/etc/device").value().kind == FileKind::character);
}

TEST_CASE("an image that holds a mounted /proc tells nothing of the running kernel") {
    Image image;
    fs::create_directory(image.root() + "/proc");
    if (::mount("proc", (image.root() + "/proc").c_str(), "proc", MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV,
                nullptr) != 0)
        return;
    CHECK(image.refusal("/proc/version") == Reason::unreadable_source);
    CHECK_THROWS_AS(image.files().list("/proc"), host_error);
    image.link("/proc/self/root/etc/passwd", "/magic");
    CHECK(image.refusal("/magic") == Reason::unreadable_source);
    CHECK(::umount((image.root() + "/proc").c_str()) == 0);
}

TEST_CASE("a read is bounded and recorded, a digest only where everybody may read") {
    Image image;
    image.folder.write("root/etc/large", std::string(5000, 'x'));
    image.folder.write("root/private/open", "open\n");
    image.folder.write("root/etc/secret", "secret\n");
    fs::permissions(image.root() + "/etc/secret", fs::perms::owner_read);
    fs::permissions(image.root() + "/private", fs::perms::owner_all);
    CHECK_THROWS_WITH(image.files().read("/etc/large", 4999), "/etc/large: is larger than 4999 bytes");
    CHECK(image.files().read("/etc/large", 5000).value().text.size() == 5000);
    CHECK(image.files().read_head("/etc/inside", 3) == "ins");
    CHECK(image.files().read("/etc/secret"));
    CHECK(image.files().read("/private/open"));
    CHECK_FALSE(image.files().read("/etc/absent"));
    CHECK_FALSE(image.files().read("/etc/inside/below-a-file"));
    const std::vector<Source> sources = image.machine->sources.sources();
    std::map<std::string, Source> by_path;
    for (const Source& source : sources) by_path[source.path] = source;
    CHECK(by_path.size() == 4);
    CHECK(by_path.at("/etc/large").sha256.value().size() == 64);
    CHECK(by_path.at("/etc/large").size_bytes == 5000);
    CHECK_FALSE(by_path.at("/etc/secret").sha256);
    CHECK(by_path.at("/etc/secret").size_bytes == 7);
    CHECK_FALSE(by_path.at("/private/open").sha256);
    CHECK_FALSE(by_path.at("/etc/inside").sha256);  // its beginning only
}

TEST_CASE("names of whatever bytes are listed as they are") {
    Image image;
    image.folder.write("root/odd/b \"'\n", "");
    image.folder.write("root/odd/a\xff", "");
    CHECK(image.files().list("/odd").value() == std::vector<std::string>{"a\xff", "b \"'\n"});
    CHECK_FALSE(image.files().list("/no"));
    CHECK_THROWS_AS(image.files().read("relative"), host_error);
    CHECK_THROWS_AS(image.files().read(std::string_view{"/a\0b", 4}), host_error);
}

TEST_CASE("a folder that is none is refused") {
    CHECK_THROWS_AS(image_machine("/no/such/image"), evidence::error);
    CHECK_THROWS_AS(image_machine("/etc/hostname"), evidence::error);
    CHECK_THROWS_AS(fixture_machine("/no/such/case"), evidence::error);
}

TEST_CASE("host.yaml says line and column of what is wrong in it") {
    const auto message_of = [](const std::string& yaml) {
        const tests::TemporaryFolder folder;
        folder.write("host.yaml", yaml);
        try {
            (void)fixture_machine(folder.path().string());
        } catch (const evidence::error& failure) {
            return std::string{failure.what()}.substr(folder.path().string().size());
        }
        return std::string{};
    };
    CHECK(message_of("why: x\nimages: true\n") == "/host.yaml:2:1: unknown key images");
    CHECK(message_of("files:\n  /etc/shadow: {mode: 640x}\n") ==
          "/host.yaml:2:23: expected an octal mode such as \"0640\"");
    CHECK(message_of("kernel:\n  sockets: [{family: ipx}]\n").starts_with("/host.yaml:2:22: unknown name ipx"));
    CHECK(message_of("kernel: {luks: {/dev/a: ../x}}\n").find("beside host.yaml") != std::string::npos);
    CHECK(message_of("[\n").starts_with("/host.yaml:"));
    CHECK(message_of("").empty());
}

TEST_CASE("a folder that is seen elsewhere is read there and said under its own name") {
    Image image;
    image.folder.write("root/run/modules/6.1/modules.dep", "ext4.ko:\n");
    image.folder.write("root/lib/modules/hidden", "no\n");
    SourceLog sources;
    RootedFiles files{image.root(), sources};
    files.moved("/lib/modules", "/run/modules");
    CHECK(files.list("/lib/modules") == std::vector<std::string>{"6.1"});
    const auto file = files.read("/lib/modules/6.1/modules.dep", 100);
    REQUIRE(file);
    CHECK(file->text == "ext4.ko:\n");
    CHECK(file->path == "/lib/modules/6.1/modules.dep");
    CHECK_FALSE(files.read("/lib/modules-load.d/x", 100));
    CHECK(files.read("/etc/inside", 100)->text == "inside\n");
}
