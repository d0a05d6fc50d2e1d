// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "evenkeel/base/version.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/run_overview.h"
#include "evenkeel/report/run_report.h"
#include "evenkeel/report/run_sections.h"

namespace evenkeel {
namespace {

// From everything to the results alone: the first that is small enough is taken.
constexpr RunDetail kDetails[] = {{},
                                  {200, true, 12, 32, 200},
                                  {120, false, 6, 16, 40},
                                  {60, false, 0, 0, 20},
                                  {400, true, 0, 0, 0, false},
                                  {100, false, 0, 0, 0, false}};

std::string sections_of(const ReportedRun& run, const RunDetail& detail, int level) {
  std::string body = result_section(run) + curves_section(run, detail, level);
  if (!run.look) return body;
  body += norms_section(*run.look, detail, level);
  body += confusion_section(*run.look, detail, level);
  body += mistakes_section(*run.look, detail, level);
  body += filters_section(*run.look, detail, level);
  return body + time_section(*run.look, detail, level);
}

std::string title_of(const std::vector<ReportedRun>& runs) {
  return runs.size() == 1 ? "Run " + runs.front().record.name : fmt::format("{} runs", runs.size());
}

std::string footer() {
  return fmt::format(
      "<footer>Curves keep the smallest and the largest value of each stretch of steps. Made by "
      "evenkeel {}.</footer>\n",
      kVersion);
}

std::string page_of(const std::vector<ReportedRun>& runs, const RunDetail& detail) {
  std::string body = std::string(kRunPageMark) + "\n" + html::heading(title_of(runs), 1);
  if (runs.size() == 1) {
    body += sections_of(runs.front(), detail, 2);
  } else {
    body += overview_section(runs, detail);
    if (detail.sections) body += html::heading("Each run");
    for (const ReportedRun& run : runs)
      if (detail.sections) body += html::details(run.record.name, sections_of(run, detail, 3));
  }
  return html::page(title_of(runs), body + footer());
}

}  // namespace

std::string run_page(const std::vector<ReportedRun>& runs) {
  std::string page;
  for (const RunDetail& detail : kDetails) {
    page = page_of(runs, detail);
    if (page.size() < kLargestRunPage) return page;
  }
  return page;
}

}  // namespace evenkeel
