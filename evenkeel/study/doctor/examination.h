// SPDX-License-Identifier: Apache-2.0
// What all families of findings are made from. Each family is one file with one function, which
// looks at the examination and adds what it finds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/doctor.h"
#include "evenkeel/study/doctor/measure.h"
#include "evenkeel/study/doctor/norm_state.h"

namespace evenkeel::doctor {

struct Examination {
  const Patient& patient;
  const ExamineOptions& options;
  std::vector<NormState> norms;
  std::optional<Measured> measured;  // with data alone
  std::int64_t batch = 0;            // of training; 0: not known
  std::int64_t steps = 0;            // of the whole run; 0: not known
  bool trained = false;              // at least one step was done, or nobody knows

  const NormMeasured* measured_norm(const std::string& layer) const {
    if (!measured) return nullptr;
    const auto found = measured->norms.find(layer);
    return found == measured->norms.end() ? nullptr : &found->second;
  }
};

// The findings so far; `add` looks up why an id matters.
class Findings {
 public:
  using Numbers = std::map<std::string, double>;
  void add(Severity severity, std::string_view id, std::string layer, std::string evidence,
           Numbers numbers, std::string fix);
  std::vector<Finding> sorted() &&;

 private:
  std::vector<Finding> found_;
};

void find_in_file(const Examination& examination, Findings& findings);
void find_in_statistics(const Examination& examination, Findings& findings);
void find_in_modes(const Examination& examination, Findings& findings);
void find_in_epsilon(const Examination& examination, Findings& findings);
void find_in_channels(const Examination& examination, Findings& findings);
void find_in_batch(const Examination& examination, Findings& findings);
void find_in_freezing(const Examination& examination, Findings& findings);
void find_in_structure(const Examination& examination, Findings& findings);
void find_in_gradients(const Examination& examination, Findings& findings);
void find_in_optimizer(const Examination& examination, Findings& findings);

}  // namespace evenkeel::doctor
