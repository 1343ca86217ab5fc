// A payload that is read as statement or record can be written again, and reads back as the same.
#include "evidence/canonical_json.hpp"
#include "evidence/enrolment.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"

#include <nlohmann/json.hpp>
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    // Half of the input is made canonical first: chance alone seldom hits it.
    std::string payload{bytes};
    if (!bytes.empty() && bytes.front() == ' ') {
        try {
            payload = canonical_json(parse_json(bytes.substr(1), {.bytes = 1 << 16}));
        } catch (const error&) {
            return 0;
        }
    }
    try {
        const Statement statement = parse_statement(payload);
        promise(parse_statement(serialise(statement)) == statement);
    } catch (const coded_error&) {
    }
    const auto reads_back = [&](auto parse) {
        try {
            const auto record = parse(payload);
            promise(parse(serialise(record)) == record);
        } catch (const coded_error&) {
        }
    };
    reads_back([](std::string_view text) { return parse_record(text); });
    reads_back([](std::string_view text) { return parse_enrolment_record(text); });
    reads_back([](std::string_view text) { return parse_mark_record(text); });
    reads_back([](std::string_view text) { return parse_policy_record(text); });
    reads_back([](std::string_view text) { return parse_decision_record(text); });
    reads_back([](std::string_view text) { return parse_revocation_record(text); });
    reads_back([](std::string_view text) { return parse_retirement_record(text); });
    try {
        parse_renewal_request(payload);
    } catch (const coded_error&) {
    }
    return 0;
}
