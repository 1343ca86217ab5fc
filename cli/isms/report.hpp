// The documents that records froze, as pages: below `annexa isms` and, of audits, below `annexa audit`.
#pragma once

namespace annexa::cli {

class Command;

/// Adds `report ID`. The footer of its help has examples.
void add_report(Command& parent, const char* description, const char* footer);

}  // namespace annexa::cli
