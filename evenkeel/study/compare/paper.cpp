// SPDX-License-Identifier: Apache-2.0
// Held against Ioffe & Szegedy 2015, sentence by sentence.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/study/compare/presets.h"
#include "evenkeel/study/compare/verdict_text.h"

namespace evenkeel::compare {
namespace {

// The judgement of that claim under the paper's own words.
Judgement quoted(const std::string& words, const std::vector<Judgement>& judged,
                 const std::string& claim) {
  for (const Judgement& each : judged)
    if (each.claim == claim) return {words, each.verdict, each.evidence};
  return {words, Verdict::unknown, {}};
}

// Before the activation against elsewhere, of the batch norms.
Judgement place_statement(const Analysis& analysis) {
  Judgement result{
      "Section 3.2: the normalisation is added \"immediately before the nonlinearity\"",
      Verdict::unknown,
      {}};
  const Study& study = analysis.results().study;
  const Cell* before = nullptr;
  const Cell* elsewhere = nullptr;
  for (std::size_t a = 0; a < study.alternatives.size(); ++a) {
    if (study.alternatives[a].norm.kind != NormKind::batch) continue;
    (study.alternatives[a].place == Place::before ? before : elsewhere) = analysis.best(a);
  }
  if (before == nullptr || elsewhere == nullptr) return result;
  const double gain = before->accuracy() - elsewhere->accuracy();
  const double noise = noise_of(*before, *elsewhere);
  result.verdict = gain > noise ? Verdict::holds : gain < -noise ? Verdict::fails : Verdict::open;
  result.evidence.push_back(fmt::format(
      "{} ends with {}, {} with {}: {:+.2f} points, where ±{:.2f} are left open.",
      name_of(analysis, *before), percent(before->accuracy()), name_of(analysis, *elsewhere),
      percent(elsewhere->accuracy()), 100 * gain, 100 * noise));
  return result;
}

}  // namespace

double noise_of(const Cell& a, const Cell& b) {
  const auto half_range = [](const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return values.empty() ? 0 : (*high - *low) / 2;
  };
  const double p = (a.accuracy() + b.accuracy()) / 2;
  const auto images = static_cast<double>(a.runs.front()->test_images);
  const double error = 2 * std::sqrt(2 * p * (1 - p) / images);
  return std::max(error, half_range(a.accuracies) + half_range(b.accuracies));
}

std::vector<Judgement> paper_statements(const Analysis& analysis) {
  const std::string& preset = analysis.results().study.preset;
  const auto judged = judgements(analysis);
  if (preset == "ioffe2015")
    return {quoted("Figure 1(a): batch normalization \"helps the network train faster\"", judged,
                   "faster convergence"),
            quoted("Figure 1(a): \"and achieve higher accuracy\"", judged, "better generalisation"),
            quoted("Figure 1(b, c): \"makes the distribution more stable\"", judged,
                   "more stable distributions")};
  if (preset == "ioffe2015-lr")
    return {
        quoted("Section 3.3: batch normalization \"enables higher learning rates\", and "
               "training is more resilient to the scale of parameters",
               judged, "wider range of learning rates")};
  if (preset == "placement") return {place_statement(analysis)};
  return {};
}

}  // namespace evenkeel::compare
