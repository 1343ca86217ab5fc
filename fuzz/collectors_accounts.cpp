// passwd, group, shadow, gshadow and the records of logins: read, or refused with file and line, and no hash in what a refusal
// says.
#include "collectors/support/account_files.hpp"
#include "collectors/support/login_records.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::collectors;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

namespace {

template <typename Parse>
void attempt(Parse parse, const std::string& text) {
    try {
        parse(File{"/f", text});
    } catch (const host_error& refusal) {
        promise(std::string_view{refusal.what()}.starts_with("/f:"));
        promise(std::string_view{refusal.what()}.find('$') == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{text_of(data, size)};
    attempt(parse_passwd, text);
    attempt(parse_group, text);
    attempt(parse_shadow, text);
    attempt(parse_group_shadow, text);
    attempt(parse_wtmp, text);
    lastlog_time(text, 3);
    describe_hash(text);
    return 0;
}
