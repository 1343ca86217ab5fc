#include "collectors/support/processes.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {

std::vector<std::string> process_numbers(Kernel& kernel) {
    std::vector<std::string> numbers;
    for (const std::string& name : kernel.list("/proc").value_or(std::vector<std::string>{}))
        if (text::unsigned_integer(name)) numbers.push_back(name);
    std::sort(numbers.begin(), numbers.end(),
              [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
    return numbers;
}

std::set<std::string> running_programs(Kernel& kernel) {
    std::set<std::string> names;
    for (const std::string& number : process_numbers(kernel)) {
        try {
            if (const auto name = kernel.read("/proc/" + number + "/comm")) names.emplace(text::trimmed(*name));
        } catch (const host_error&) {
            continue;  // it ended between the listing and the reading (ESRCH)
        }
    }
    return names;
}

}  // namespace annexa::collectors
