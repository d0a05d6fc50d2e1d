// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "evenkeel/study/doctor/examination.h"
#include "evenkeel/study/doctor/network.h"

namespace evenkeel {
namespace doctor {
namespace {

constexpr std::int64_t kLeastImages = 128;
constexpr std::int64_t kExaminedImages = 1024;

std::size_t place_of(std::string_view id) {
  const auto& known = known_findings();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const KnownFinding& each) { return each.id == id; });
  if (found == known.end())
    throw RuntimeFailure("doctor", "expected a known finding, got '" + std::string(id) + "'");
  return static_cast<std::size_t>(found - known.begin());
}

// Those of the run as planned; a file alone does not say how many images an epoch has.
std::int64_t steps_of(const Examination& examination) {
  const std::int64_t given = examination.options.epochs;
  const std::int64_t epochs = given > 0 ? given : examination.patient.epochs;
  if (epochs == 0 || examination.batch == 0) return 0;
  return epochs * (examination.options.data.size() / examination.batch);
}

void require_sensible(const ExamineOptions& options) {
  for (const auto& [name, value] :
       {std::pair("batch", options.batch), std::pair("epochs", options.epochs),
        std::pair("threads", std::int64_t{options.threads})})
    if (value < 0) throw InvalidArgument(name, "expected at least 0, got " + std::to_string(value));
}

Examination examination_of(const Patient& patient, const ExamineOptions& options) {
  Examination result{patient, options, norm_states(patient), {}, 0, 0, false};
  result.batch = options.batch > 0 ? options.batch : patient.batch;
  const bool settled = std::any_of(result.norms.begin(), result.norms.end(),
                                   [](const NormState& norm) { return !norm.initial(); });
  result.trained = !patient.step || *patient.step > 0 || settled;
  result.steps = steps_of(result);
  if (!patient.model || options.data.size() == 0) return result;
  const std::int64_t images =
      std::min(std::clamp(result.batch, kLeastImages, kExaminedImages), options.data.size());
  result.measured = measure(patient, options, whole_groups(patient.model->graph(), images));
  return result;
}

}  // namespace

void Findings::add(Severity severity, std::string_view id, std::string layer, std::string evidence,
                   Numbers numbers, std::string fix) {
  const std::string_view why = known_findings()[place_of(id)].why;
  found_.push_back({severity, std::string(id), std::move(layer), std::move(evidence),
                    std::move(numbers), std::string(why), std::move(fix)});
}

std::vector<Finding> Findings::sorted() && {
  std::stable_sort(found_.begin(), found_.end(), [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return place_of(a.id) < place_of(b.id);
  });
  return std::move(found_);
}

}  // namespace doctor

std::vector<Finding> examine(const Patient& patient, const ExamineOptions& options) {
  using namespace doctor;
  require_sensible(options);
  const Examination examination = examination_of(patient, options);
  Findings findings;
  for (const auto& family :
       {find_in_file, find_in_statistics, find_in_modes, find_in_epsilon, find_in_channels,
        find_in_batch, find_in_freezing, find_in_structure, find_in_gradients, find_in_optimizer})
    family(examination, findings);
  return std::move(findings).sorted();
}

}  // namespace evenkeel
