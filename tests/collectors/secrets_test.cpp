// A host full of secrets, each marked, over which every collector runs: no mark may be in anything that it says.
//
// Also over the same host with every file broken, since a message that quotes the line it could not read is a leak too.
#include "collectors/collected.hpp"
#include "evidence/canonical_json.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::collectors;

namespace {

constexpr std::string_view mark = "MARKEDSECRET";

struct Secret {
    const char* path;
    const char* mode;
    const char* text;
};

// ~ stands for the mark.
constexpr Secret secrets[] = {
    {"root/etc/passwd", "0644", "root:x:0:0:root:/root:/bin/bash\nold:$1$salt$~:1000:1000::/home/old:/bin/sh\n"},
    {"root/etc/shadow", "0640",
     "root:$y$j9T$salt$~:19000:0:99999:7:::\nold:~:19000::::::\ntoor:!$6$rounds=5000$salt$~:19000:0:99999:7:::\n"},
    {"root/etc/group", "0644", "root:x:0:\nsecret:~:1000:old\n"},
    {"root/etc/gshadow", "0640", "root:*::\nsecret:$6$salt$~::old\n"},
    {"root/etc/os-release", "0644", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"},
    {"root/etc/login.defs", "0644", "PASS_MAX_DAYS 99999\n"},
    {"root/etc/pam.d/common-auth", "0644", "auth required pam_unix.so\nauth required pam_ldap.so bindpw=~\n"},
    {"root/etc/pam.d/sshd", "0644", "@include common-auth\nauth required pam_mysql.so user=x passwd=~ host=y\n"},
    {"root/etc/security/pwquality.conf", "0644", "minlen = 12\n"},
    {"root/etc/sudoers", "0440", "Defaults passprompt=\"%p\"\nroot ALL=(ALL:ALL) ALL\n"},
    {"root/etc/ssh/sshd_config", "0644", "PermitRootLogin no\nHostKey /etc/ssh/ssh_host_ed25519_key\n"},
    {"root/etc/ssh/ssh_host_ed25519_key", "0600",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n~\n-----END OPENSSH PRIVATE KEY-----\n"},
    {"root/root/.ssh/id_ed25519", "0600",
     "-----BEGIN OPENSSH PRIVATE KEY-----\n~\n-----END OPENSSH PRIVATE KEY-----\n"},
    {"root/root/.ssh/authorized_keys", "0600",
     "environment=\"TOKEN=~\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== root\n"},
    {"root/etc/apt/auth.conf", "0600", "machine example.org login x password ~\n"},
    {"root/etc/apt/auth.conf.d/site.conf", "0600", "machine example.org login x password ~\n"},
    {"root/etc/apt/apt.conf.d/99proxy", "0644", "Acquire::http::Proxy \"http://user:~@proxy:3128\";\n"},
    {"root/etc/apt/sources.list", "0644", "deb https://user:~@example.org/debian bookworm main\n"},
    {"root/etc/apt/sources.list.d/site.sources", "0644",
     "Types: deb\nURIs: https://user:~@example.org/debian\nSuites: bookworm\nComponents: main\n"},
    {"root/boot/grub/grub.cfg", "0600",
     "set superusers=\"root\"\npassword root ~\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.~\n"},
    {"root/boot/grub2/user.cfg", "0600", "GRUB2_PASSWORD=grub.pbkdf2.sha512.10000.~\n"},
    {"root/usr/sbin/snmpd", "0755", ""},
    {"root/etc/snmp/snmpd.conf", "0600", "rocommunity ~ default\ncom2sec reader default ~\ncreateUser x SHA ~\n"},
    {"root/etc/rsyslog.conf", "0644",
     "*.* @@logs.example.org:514\nmodule(load=\"ommysql\")\naction(type=\"ommysql\" server=\"x\" db=\"y\" uid=\"z\" "
     "pwd=\"~\")\n"},
    {"root/etc/syslog-ng/syslog-ng.conf", "0644",
     "destination d { mongodb(uri(\"mongodb://user:~@localhost/x\")); };\n"},
    {"root/etc/systemd/system/site.service", "0644",
     "[Service]\nEnvironment=PASSWORD=~\nExecStart=/bin/site --token ~\n"},
    {"root/etc/chrony/chrony.keys", "0640", "1 SHA1 HEX:~\n"},
    {"root/etc/chrony/chrony.conf", "0644", "server ntp.example.org key 1\nkeyfile /etc/chrony/chrony.keys\n"},
    {"root/etc/crypttab", "0600", "data UUID=1 /etc/keys/~ luks\n"},
    {"root/etc/fstab", "0644", "//nas/share /mnt cifs username=x,password=~ 0 0\n"},
    {"root/etc/audit/auditd.conf", "0640", "log_file = /var/log/audit/audit.log\nkrb5_key_file = /etc/audit/key\n"},
    {"root/etc/environment", "0644", "API_TOKEN=~\n"},
    {"root/etc/sysctl.d/50-secret.conf", "0644",
     "net.ipv6.conf.all.stable_secret = ~\nnet.ipv4.tcp_fastopen_key = ~\nnet.ipv6.conf.*.stable_secret = ~\n"},
    {"root/etc/dnf/dnf.conf", "0644", "[main]\nproxy=http://user:~@proxy:3128\nproxy_password=~\n"},
    {"root/etc/yum.repos.d/site.repo", "0644",
     "[site]\nname=x\nbaseurl=https://user:~@repo.example.org/x,\n  https://u:~@b.example.org/\npassword=~\n"
     "metalink=https://user:~@example.org/\ngpgkey=https://user:~@example.org/key\n"},
    {"root/usr/sbin/nginx", "0755", ""},
    {"root/etc/nginx/nginx.conf", "0644", "http { ssl_certificate /etc/ssl/both.pem; ssl_certificate_key x; }\n"},
    {"root/usr/sbin/haproxy", "0755", ""},
    {"root/etc/haproxy/haproxy.cfg", "0640",
     "userlist u\n user x insecure-password ~\nfrontend f\n bind :443 ssl crt /etc/ssl/both.pem\n"},
    {"root/usr/sbin/postfix", "0755", ""},
    {"root/etc/postfix/main.cf", "0644",
     "smtp_sasl_password_maps = static:user:~\nsmtpd_tls_cert_file = /etc/ssl/both.pem\n"},
    {"root/usr/sbin/dovecot", "0755", ""},
    {"root/etc/dovecot/dovecot.conf", "0644", "ssl_key_password = ~\nssl_cert = </etc/ssl/both.pem\n"},
    {"root/usr/lib/postgresql/15/bin/postgres", "0755", ""},
    {"root/etc/postgresql/15/main/postgresql.conf", "0640",
     "primary_conninfo = 'password=~'\nssl_passphrase_command = 'echo ~'\nssl = on\nssl_cert_file = "
     "'/etc/ssl/both.pem'\n"},
    {"root/etc/ssl/both.pem", "0640", "-----BEGIN PRIVATE KEY-----\n~\n-----END PRIVATE KEY-----\n~\n"},
    {"root/etc/ssl/openssl.cnf", "0644", "openssl_conf = i\n[i]\noutput_password = ~\n"},
    {"root/usr/lib/x86_64-linux-gnu/libssl.so.3", "0644", ""},
    {"kernel/proc/cmdline", "0444",
     "BOOT_IMAGE=/vmlinuz root=/dev/vda1 systemd.set_credential=x:~ rd.luks.key=~ password=~ quiet\n"},
    {"kernel/proc/sys/net/ipv4/tcp_fastopen_key", "0600", "~\n"},
    {"kernel/proc/sys/net/ipv6/conf/all/stable_secret", "0600", "~\n"},
    {"kernel/proc/1/environ", "0400", "TOKEN=~"},
    {"kernel/proc/1/cmdline", "0444", "/sbin/init"},
    {"kernel/proc/77/environ", "0400", "TOKEN=~"},
    {"kernel/proc/77/comm", "0444", "site\n"},
    {"kernel/proc/77/cmdline", "0444", "/bin/site\x01--password=~"},
    {"kernel/proc/mounts", "0444", "/dev/vda1 / ext4 rw 0 0\n//nas/share /mnt cifs rw,username=x,password=~ 0 0\n"},
    {"kernel/proc/self/mountinfo", "0444",
     "24 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n25 24 0:40 / /mnt rw shared:2 - cifs //nas/share "
     "rw,username=x,password=~\n"},
    {"kernel/proc/uptime", "0444", "100.0 100.0\n"},
    {"kernel/proc/meminfo", "0444", "MemTotal: 1000 kB\n"},
};

constexpr std::string_view kernel = R"(kernel:
  name: {node: host, release: 6.1.0, machine: x86_64}
  sockets: []
  clock: {synchronized: true}
  audit: {enabled: 1, pid: 1, rules: ["-w /etc/passwd -p wa -k identity"]}
  units: [{id: site.service, description: Site}]
)";

void write_host(const tests::TemporaryFolder& folder, std::string_view appended) {
    std::string yaml = "files:\n";
    for (const Secret& secret : secrets) {
        std::string text;
        for (const char* c = secret.text; *c != '\0'; ++c) text += *c == '~' ? std::string{mark} : std::string{*c};
        folder.write(secret.path, text + std::string{appended});
        const std::string path = std::string{secret.path}.substr(std::string_view{secret.path}.find('/'));
        yaml += "  " + path + ": {mode: \"" + secret.mode + "\"}\n";
    }
    folder.write("host.yaml", yaml + std::string{kernel});
}

/// What was appended to break a file may be a name like any other, and stand in a table; a message may quote nothing.
enum class What { messages, everything };

void demand_no_mark(const Collector& collector, const tests::TemporaryFolder& folder, What what) {
    const auto machine = fixture_machine(folder.path().string());
    const Collected result = collect_here(collector, *machine);
    INFO(collector.name << "\n" << tests::golden_text(result));
    CHECK(result.message.find(mark) == std::string::npos);
    if (what == What::messages) return;
    for (const Table& table : all_tables(result))
        for (const Row& row : table.rows)
            for (const Value& value : row)
                if (const auto* text = std::get_if<std::string>(&value)) CHECK(text->find(mark) == std::string::npos);
    for (const Source& source : result.sources)
        for (const Secret& secret : secrets)
            if (source.path == std::string{secret.path}.substr(4) && secret.mode[3] == '0') CHECK_FALSE(source.sha256);
}

}  // namespace

TEST_CASE("the host of the tests is full of secrets") {
    const tests::TemporaryFolder folder;
    write_host(folder, "");
    std::size_t marked = 0;
    for (const Secret& secret : secrets)
        if (tests::file_text(folder / secret.path).find(mark) != std::string::npos) ++marked;
    CHECK(marked == 41);  // as many as have a ~ above
}

TEST_CASE("no collector says a secret of a host full of them") {
    const tests::TemporaryFolder folder;
    write_host(folder, "");
    for (const Collector* collector : all_collectors()) demand_no_mark(*collector, folder, What::everything);
}

TEST_CASE("no message says a secret of a host whose files are broken") {
    const auto appended = GENERATE(as<std::string>{}, "MARKEDSECRET\n", "\nMARKEDSECRET:MARKEDSECRET\n",
                                   "= MARKEDSECRET\n", "\"MARKEDSECRET\n", "x:MARKEDSECRET:a:b:c:d:e:f:g:h\n");
    const tests::TemporaryFolder folder;
    write_host(folder, appended);
    for (const Collector* collector : all_collectors()) demand_no_mark(*collector, folder, What::messages);
}
