// Receipts, uploads, answers and problems that are read can be written again.
#include "evidence/enrolment.hpp"
#include "evidence/errors.hpp"
#include "evidence/problem.hpp"
#include "evidence/receipt.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    try {
        const Receipt receipt = parse_receipt(bytes);
        promise(parse_receipt(serialise(receipt)) == receipt);
    } catch (const coded_error&) {
    }
    try {
        for (const std::string& one : decode_upload(bytes)) promise(entry(parse_entry(one)) == one);
    } catch (const coded_error&) {
    }
    try {
        const EnrolmentAnswer answer = parse_enrolment_answer(bytes);
        promise(parse_enrolment_answer(serialise(answer)) == answer);
    } catch (const coded_error&) {
    }
    parse_problem(bytes);
    return 0;
}
