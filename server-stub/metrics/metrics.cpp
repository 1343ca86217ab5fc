#include "server-stub/metrics/metrics.hpp"

#include "server-stub/conditions/conditions.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace annexa::store {
namespace {

std::string name_of(Listener listener) { return listener == Listener::agents ? "agents" : "people"; }

}  // namespace

struct Metrics::Parts {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter().Name("annexa_http_requests_total").Help("Requests answered, by listener, route and status").Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram().Name("annexa_http_request_seconds").Help("Time from the whole request to its answer, in seconds").Register(registry);
    prometheus::Family<prometheus::Counter>& refused = prometheus::BuildCounter()
                                                           .Name("annexa_http_refused_total")
                                                           .Help("Connections and requests refused before a route was asked, by code")
                                                           .Register(registry);
    prometheus::Family<prometheus::Gauge>& condition =
        prometheus::BuildGauge().Name("annexa_condition").Help("1 while the condition holds (docs: conditions of a server)").Register(registry);
    prometheus::Gauge& entries =
        prometheus::BuildGauge().Name("annexa_log_entries").Help("Size of the log's newest checkpoint").Register(registry).Add({});
    prometheus::Gauge& hosts = prometheus::BuildGauge().Name("annexa_hosts").Help("Enrolled hosts that are not retired").Register(registry).Add({});
};

Metrics::Metrics() : parts_{std::make_unique<Parts>()} {
    for (const ConditionKind& kind : condition_kinds()) parts_->condition.Add({{"code", std::string{kind.code}}}).Set(0);
}

Metrics::~Metrics() = default;

void Metrics::answered(Listener listener, std::string_view route, unsigned status, double seconds) {
    const std::string where{route};
    parts_->requests.Add({{"listener", name_of(listener)}, {"route", where}, {"status", std::to_string(status)}}).Increment();
    static const prometheus::Histogram::BucketBoundaries bounds{0.005, 0.025, 0.1, 0.5, 2, 10};
    parts_->seconds.Add({{"listener", name_of(listener)}, {"route", where}}, bounds).Observe(seconds);
}

void Metrics::refused(Listener listener, std::string_view code) {
    parts_->refused.Add({{"listener", name_of(listener)}, {"code", std::string{code}}}).Increment();
}

std::string Metrics::text(const Now& now) {
    parts_->entries.Set(static_cast<double>(now.log_entries));
    parts_->hosts.Set(static_cast<double>(now.hosts));
    for (const ConditionKind& kind : condition_kinds()) {
        bool holds = false;
        for (const Condition& condition : now.conditions) holds = holds || condition.kind == &kind;
        parts_->condition.Add({{"code", std::string{kind.code}}}).Set(holds ? 1 : 0);
    }
    return prometheus::TextSerializer{}.Serialize(parts_->registry.Collect());
}

}  // namespace annexa::store
