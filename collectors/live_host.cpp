#include "collectors/live_kernel.hpp"
#include "collectors/live_programs.hpp"
#include "collectors/machine.hpp"
#include "collectors/rooted_files.hpp"

#include <cstdlib>

namespace annexa::collectors {
namespace {

class LiveMachine final : public Machine {
  public:
    LiveMachine() : files_{"/", sources}, kernel_{sources}, programs_{sources} {
        // The unit hides /usr/lib/modules (ProtectKernelModules) and binds it elsewhere, to be read.
        if (const char* modules = std::getenv("ANNEXA_MODULES"); modules != nullptr && modules[0] == '/')
            for (const char* folder : {"/usr/lib/modules", "/lib/modules"}) files_.moved(folder, modules);
    }
    Host host() override { return {files_, &kernel_, &programs_}; }

  private:
    RootedFiles files_;
    LiveKernel kernel_;
    LivePrograms programs_;
};

}  // namespace

std::unique_ptr<Machine> live_machine() { return std::make_unique<LiveMachine>(); }

}  // namespace annexa::collectors
