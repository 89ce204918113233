#pragma once

#include "tests/crash/ledger.hpp"
#include "tests/crash/record.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cairn::testing {

// The ledger and the record of instances that may be restarted and swept, told apart by run: what they call
// "x", in its second run, is "x#2" here. So the ledger's check, which knows neither, can compare them.
class Runs {
 public:
  // `may_be_swept`: whether an instance that is not in the record may lack there.
  Runs(const std::vector<Line>& ledger, const Record& record,
       std::function<bool(const std::string& id)> may_be_swept);

  // Whether a run is no more, because of a later one or a sweep.
  [[nodiscard]] bool is_over(const std::string& name) const;

  // Of runs that are not over.
  [[nodiscard]] const std::vector<Line>& ledger() const { return ledger_; }
  [[nodiscard]] const Record& record() const { return by_run_; }
  // Bodies of a run that began or ended when the next one had begun.
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  const Record& record_;
  std::function<bool(const std::string& id)> may_be_swept_;
  std::vector<Line> ledger_;
  Record by_run_;
  std::vector<std::string> faults_;
};

}  // namespace cairn::testing
