// The worked examples of docs/evidence-format.md: one store, one host, one statement, from fixed keys and times.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace annexa::evidence::test {

/// Name and bytes, in the order of the document.
std::vector<std::pair<std::string, std::string>> examples();

}  // namespace annexa::evidence::test
