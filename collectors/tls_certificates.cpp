// Certificates in use: those that the configurations of nginx, Apache, HAProxy, Postfix, Dovecot and PostgreSQL name,
// what certbot keeps in /etc/letsencrypt/live, and those in /etc/pki/tls/certs.
//
// Only public parts are told; of a file that also holds a key (HAProxy) the key is never decoded. A file that is named
// and is not there, or holds no certificate, is a row like any other: of its certificate nothing is known. Which
// configuration names what: support/named_certificates.hpp. The authorities that everybody trusts (ca-bundle) are not
// in use by this host; those of /etc/pki/tls/certs are passed over.
#include "collectors/collector.hpp"
#include "collectors/support/certificate.hpp"
#include "collectors/support/glob.hpp"
#include "collectors/support/named_certificates.hpp"
#include "collectors/support/text.hpp"

#include <array>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"service", Type::text,
     "Whose configuration names it: nginx, apache, haproxy, postfix, dovecot, postgresql; certbot; system"},
    {"path", Type::text, "File of the certificate"},
    {"position", Type::integer, "Which of the file's certificates: 1 is the service's own, what follows is its chain"},
    {"state", Type::text,
     "ok; missing (no such file); no_certificate (the file holds none, or one that cannot be read); unresolved (the "
     "path depends on a variable)"},
    {"subject", Type::text, "Whom it names, as in RFC 2253"},
    {"issuer", Type::text, "Who signed it"},
    {"names", Type::text, "Its alternative names: DNS:www.example.org IP:192.0.2.1"},
    {"serial", Type::text, "Its number, hex"},
    {"not_valid_before", Type::integer, "Unix seconds; null where it is not known", Trait::nullable},
    {"not_valid_after", Type::integer, "Unix seconds; null where it is not known", Trait::nullable},
    {"key_algorithm", Type::text, "rsa, rsa-pss, dsa, ec, ed25519, ed448, or another's name"},
    {"key_bits", Type::integer, "Bits of modulus, prime or curve; null where they are not known", Trait::nullable},
    {"signature_algorithm", Type::text, "What it is signed with: sha256WithRSAEncryption"},
    {"signature_digest", Type::text, "Digest of that: sha256; empty where the algorithm has its own"},
    {"authority", Type::boolean, "Whether it may sign others"},
    {"self_signed", Type::boolean, "Whether it names itself as its issuer"},
    {"sha256", Type::text, "Digest of the certificate, hex"},
    {"source", Type::text, "File and line that name it"},
};
constexpr TableDefinition tables[] = {
    {"tls_certificates", "Certificates that services show, one row a service, file and certificate", columns},
};

constexpr std::size_t most_bytes = std::size_t{4} << 20;
constexpr std::size_t most_rows = 20000;

class Rows {
  public:
    Rows(Files& files, Table& table) : files_{files}, table_{table} {}

    void add(const NamedCertificate& named) {
        if (!known_.insert(named.service + "\n" + named.path).second) return;
        if (!named.resolved) return add_unknown(named, "unresolved");
        const auto file = files_.read(named.path, most_bytes);
        if (!file) return add_unknown(named, "missing");
        const CertificateFile found = parse_certificates(file->text);
        std::int64_t position = 0;
        for (const PublicCertificate& each : found.certificates) {
            push({named.service, named.path, ++position, std::string{"ok"}, each.subject, each.issuer, each.names,
                  each.serial, each.not_valid_before, each.not_valid_after, each.key_algorithm,
                  each.bits ? Value{*each.bits} : Value{}, each.signature_algorithm, each.signature_digest,
                  each.authority, each.self_signed, each.sha256, named.source});
        }
        if (found.damaged || found.certificates.empty()) add_unknown(named, "no_certificate", position + 1);
    }

  private:
    void add_unknown(const NamedCertificate& named, const char* state, std::int64_t position = 1) {
        push({named.service, named.path, position, std::string{state}, std::string{}, std::string{}, std::string{},
              std::string{}, Value{}, Value{}, std::string{}, Value{}, std::string{}, std::string{}, false, false,
              std::string{}, named.source});
    }
    void push(Row row) {
        if (table_.rows.size() >= most_rows)
            throw host_error(Reason::output_too_large, "more than 20,000 certificates are named by services");
        table_.rows.push_back(std::move(row));
    }

    Files& files_;
    Table& table_;
    std::set<std::string> known_;
};

// Bundles of authorities are links to what update-ca-trust makes, or bear its names.
bool is_bundle(Files& files, const std::string& path) {
    const std::string_view name = text::file_name(path);
    if (name.starts_with("ca-bundle") || name.starts_with("ca-certificates")) return true;
    const auto target = files.read_link(path);
    return target && target->find("ca-trust") != std::string::npos;
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    Table table = make_table(tables[0]);
    Rows rows{files, table};
    for (const auto service : {nginx_certificates, apache_certificates, haproxy_certificates, postfix_certificates,
                               dovecot_certificates, postgresql_certificates})
        for (const NamedCertificate& named : service(files)) rows.add(named);
    for (const std::string& path : glob(files, "/etc/letsencrypt/live/*/fullchain.pem"))
        rows.add({"certbot", path, path});
    for (const char* pattern : {"/etc/pki/tls/certs/*.crt", "/etc/pki/tls/certs/*.pem"})
        for (const std::string& path : glob(files, pattern))
            if (const auto status = files.status(path);
                status && status->kind == FileKind::regular && !is_bundle(files, path))
                rows.add({"system", path, path});
    return {table};
}

}  // namespace

extern constexpr Collector tls_certificates{
    .name = "tls_certificates",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources =
        "configurations of nginx, Apache, HAProxy, Postfix, Dovecot and PostgreSQL and the certificates that "
        "they name; /etc/letsencrypt/live; /etc/pki/tls/certs",
    .collect = collect};

}  // namespace annexa::collectors
