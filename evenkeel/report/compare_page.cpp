// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/base/version.h"
#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/compare_charts.h"
#include "evenkeel/report/compare_report.h"
#include "evenkeel/report/compare_sections.h"
#include "evenkeel/report/html.h"
#include "evenkeel/report/tables.h"
#include "evenkeel/study/compare/presets.h"

namespace evenkeel {
namespace {

using namespace compare;

std::string title_of(const Study& study) {
  if (!study.preset.empty()) return std::string(preset_named(study.preset).title);
  return study.network + " with and without batch norm";
}

std::string what_was_run(const Study& study) {
  const auto runs = static_cast<std::int64_t>(runs_of(study).size());
  std::string text =
      fmt::format("{}: {} on {}, {}, batches of {}, {} each; ", plural(runs, "run"), study.network,
                  study.data, study.optimizer, study.batch, plural(study.steps, "step"));
  text += fmt::format("{}, {}, {}; the same initial weights and order of images for a seed.",
                      plural(std::ssize(study.alternatives), "alternative"),
                      plural(std::ssize(study.learning_rates), "learning rate"),
                      plural(study.seeds, "seed"));
  if (study.epsilon) text += fmt::format(" Epsilon {:g} in every norm.", *study.epsilon);
  return text;
}

std::string head(const Results& results, const Analysis& analysis) {
  const Study& study = results.study;
  std::string body = "<h1>" + html::escape(title_of(study)) + "</h1>\n";
  if (!study.preset.empty())
    body += "<p>" + html::escape(preset_named(study.preset).about) + "</p>\n";
  body += "<p class=\"lead\">" + html::escape(what_was_run(study)) + "</p>\n";
  body += "<ul class=\"headlines\">";
  for (const std::string& line : headlines(analysis))
    body += "<li>" + html::escape(line) + "</li>\n";
  return body + "</ul>\n";
}

std::string foot(const Results& results) {
  return fmt::format(
      "<footer>Lines are medians over seeds, bands reach from the smallest to the largest. Seconds "
      "are those of "
      "training steps alone, without evaluations and measurements, on {}. Test accuracy is over "
      "all {} test images, "
      "with moving statistics where the norm has them. Activations and gradients are measured on "
      "the first training "
      "images, 256 at most, with batch statistics. All numbers are in compare.json beside this "
      "page. Made by evenkeel "
      "{}.</footer>\n",
      plural(results.study.threads, "thread"),
      results.records.empty() ? "" : with_thousands(results.records.front().test_images), kVersion);
}

}  // namespace

std::string compare_page(const Results& results) {
  const Analysis analysis(results);
  std::string body = head(results, analysis);
  const bool statistics = results.study.preset == kStatistics;
  if (statistics) body += statistics_section(results);
  if (!statistics) body += verdict_section(analysis);
  body += paper_section(analysis);
  body += curve_section(analysis);
  if (!statistics) body += rate_section(analysis);
  body += activation_section(analysis);
  body += gradient_section(analysis);
  body += histogram_section(analysis);
  if (!statistics) body += time_section(analysis);
  body += foot(results);
  return html::page(title_of(results.study), body);
}

}  // namespace evenkeel
