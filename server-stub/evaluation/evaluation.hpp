// Evaluates what is new in the log and writes history: stretches of one state for each check and host, and findings from the
// first evidence that shows them to the first that does not.
//
// Work follows changes: a check is evaluated when a result of a collector that it needs differs from the one before, when the
// policies in force change, and, where it reads `:now`, at each result. What the passing of time alone changes (stale,
// overdue, waived) is never written; it is computed when somebody asks (host_view.hpp).
//
// The results of one statement are taken in rounds: all that one run collected becomes true together, so that a check over two
// tables never sees half of a run (its findings would close and open again, and lose their age).
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/evaluation/rule_book.hpp"
#include "server-stub/evaluation/status_report.hpp"

#include <functional>
#include <memory>
#include <string>

namespace annexa::store {

class Evaluation {
  public:
    /// Borrows everything. Starts a thread that evaluates whenever wake() is called, and looks at the controls once a minute:
    /// evidence grows stale and findings overdue while nobody asks.
    Evaluation(Store& store, Blobs& blobs, const evidence::Clock& clock, const policies::Schemas& schemas);
    ~Evaluation();

    /// There is something new in the log. Returns at once.
    void wake();

    /// Evaluates all that the log holds now and returns; what readers call first, so that they see what was acknowledged.
    /// Throws store_unavailable; what was evaluated until then stays.
    void catch_up();

    /// catch_up(), then the status as of that time.
    [[nodiscard]] StatusReport report(const AsOf& as_of);

    /// Keeps since when each control has had its status: a row of history a change, with no host. A report of now, of all
    /// hosts.
    void record_controls(const StatusReport& report);

    /// What the thread's last attempt failed on; empty while it works.
    [[nodiscard]] std::string trouble() const;

    [[nodiscard]] const RuleBooks& rule_books() const;

  private:
    struct Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace annexa::store
