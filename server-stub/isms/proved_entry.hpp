// An entry of the log, verified on the spot: what a person says that they looked at is there, signed and included.
#pragma once

#include "server-stub/isms/kind.hpp"

namespace annexa::evidence {
class PublicKey;
}
namespace annexa::store {
class Log;
}

namespace annexa::store::isms {

/// Throws nothing for what does not hold: `problem` says it.
ProvedEntry prove_entry(const Store& store, const Log& log, const evidence::PublicKey& record_key, std::uint64_t index);

}  // namespace annexa::store::isms
