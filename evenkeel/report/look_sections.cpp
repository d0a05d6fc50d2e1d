// SPDX-License-Identifier: Apache-2.0
// A network from within: batch norms, first filters, where a step's time goes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/data_uri.h"
#include "evenkeel/report/profile_table.h"
#include "evenkeel/report/run_sections.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using html::escape;

constexpr std::size_t kMostCards = 32;  // of layers
constexpr std::size_t kMostBars = 12;

std::string badge(const std::vector<const Finding*>& findings) {
  if (findings.empty()) return "<span class=\"badge good\">nothing found</span>";
  const Severity worst =
      (*std::max_element(findings.begin(), findings.end(), [](const Finding* a, const Finding* b) {
        return a->severity < b->severity;
      }))->severity;
  const char* const kind = worst == Severity::error     ? "bad\">error"
                           : worst == Severity::warning ? "part\">warning"
                                                        : "none\">note";
  return std::string("<span class=\"badge ") + kind + "</span>";
}

std::string text_of(const Finding& finding) {
  return "<p><b>" + escape(finding.id) + "</b>: " + escape(finding.evidence) + "</p>";
}

std::vector<const Finding*> findings_of(const RunLook& look, const std::string& layer) {
  std::vector<const Finding*> found;
  for (const Finding& finding : look.findings)
    if (finding.layer == layer) found.push_back(&finding);
  return found;
}

bool is_norm(const RunLook& look, const std::string& layer) {
  return std::any_of(look.norms.begin(), look.norms.end(),
                     [&](const NormNumbers& norm) { return norm.layer == layer; });
}

std::string histogram(const std::string& layer, const char* what, const Counted& counted,
                      int style) {
  return std::string("<div><span class=\"name\">") + what + "</span>" +
         histogram_svg(fmt::format("{} of {}: {} to {}", what, layer, short_number(counted.low),
                                   short_number(counted.high)),
                       counted.low, counted.high, counted.counts, style) +
         "</div>";
}

std::string updates_text(const NormNumbers& norm) {
  std::string text =
      with_thousands(norm.channels) + (norm.channels == 1 ? " channel" : " channels");
  if (norm.updates) text += ", " + with_thousands(*norm.updates) + " updates of its statistics";
  return text + (norm.frozen ? ", frozen" : "");
}

std::string norm_card(const RunLook& look, const NormNumbers& norm) {
  const auto found = findings_of(look, norm.layer);
  std::string content = "<p>" + badge(found) + "</p><p class=\"name\">" + updates_text(norm) +
                        "</p><div class=\"pair always\">";
  if (norm.gamma) content += histogram(norm.layer, "gamma", *norm.gamma, 1);
  if (norm.deviation)
    content += histogram(norm.layer, "log10 of the deviation", *norm.deviation, 2);
  content += "</div>";
  for (const Finding* finding : found) content += text_of(*finding);
  return html::card(norm.layer, content);
}

std::string norm_table(const RunLook& look) {
  const auto range = [](const std::optional<Counted>& counted) {
    return counted ? short_number(counted->low) + " to " + short_number(counted->high)
                   : std::string();
  };
  html::Table table;
  table.head = {"layer", "channels", "updates", "gamma", "log10 of the deviation", "findings"};
  for (const NormNumbers& norm : look.norms)
    table.rows.push_back({escape(norm.layer), with_thousands(norm.channels),
                          norm.updates ? with_thousands(*norm.updates) : "", range(norm.gamma),
                          range(norm.deviation),
                          std::to_string(findings_of(look, norm.layer).size())});
  return to_html(table, "Batch norms in the network's order");
}

// Why each kind of finding matters and what to do, once.
std::string meanings(const RunLook& look) {
  html::Table table;
  table.head = {"finding", "why it matters", "what to do"};
  std::vector<std::string> seen;
  for (const Finding& finding : look.findings) {
    if (std::find(seen.begin(), seen.end(), finding.id) != seen.end()) continue;
    seen.push_back(finding.id);
    table.rows.push_back({escape(finding.id), escape(finding.why), escape(finding.fix)});
  }
  return "<div class=\"words\">" + to_html(table, "What was found means") + "</div>\n";
}

// On narrow pages without the kernels' names, which would not fit.
std::vector<Bar> bars_of(const std::vector<ProfileRow>& rows, bool narrow) {
  std::vector<const ProfileRow*> sorted;
  for (const ProfileRow& row : rows) sorted.push_back(&row);
  std::stable_sort(sorted.begin(), sorted.end(), [](const ProfileRow* a, const ProfileRow* b) {
    return a->milliseconds > b->milliseconds;
  });
  std::vector<Bar> bars;
  double rest = 0;
  double rest_percent = 0;
  const auto text = [](double milliseconds, double percent) {
    return fmt::format("{} ms, {:.1f} %", short_number(milliseconds), percent);
  };
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const ProfileRow& row = *sorted[i];
    if (i < kMostBars) {
      std::string name = row.step.empty() ? row.kind : row.step;
      if (!narrow && !row.kernel.empty()) name += " · " + row.kernel;
      bars.push_back({std::move(name), row.milliseconds, text(row.milliseconds, row.percent), 1});
    } else {
      rest += row.milliseconds;
      rest_percent += row.percent;
    }
  }
  if (sorted.size() > kMostBars)
    bars.push_back(
        {fmt::format("{} others", sorted.size() - kMostBars), rest, text(rest, rest_percent), 0});
  return bars;
}

std::string profile_table(const std::vector<ProfileRow>& rows) {
  html::Table table;
  table.head = {"step", "kernel", "phase", "ms", "%", "GFLOP/s"};
  for (const ProfileRow& row : rows)
    table.rows.push_back({escape(row.step.empty() ? row.kind : row.step), escape(row.kernel),
                          std::to_string(row.phase), fmt::format("{:.3f}", row.milliseconds),
                          fmt::format("{:.1f}", row.percent),
                          row.gflops > 0 ? fmt::format("{:.1f}", row.gflops) : ""});
  return to_html(table, "In the order in which they run");
}

}  // namespace

std::string checkpoint_text(const RunLook& look) {
  return look.checkpoint + (look.best ? ", the best by validation images" : "");
}

std::string norms_section(const RunLook& look, const RunDetail& detail, int level) {
  std::string body = html::heading("Batch norm, layer by layer", level);
  if (look.norms.empty() && look.findings.empty())
    return body + html::paragraph("The network has no batch norm, and nothing else was found.");
  body +=
      html::paragraph("What 'evenkeel doctor' finds in " + checkpoint_text(look) +
                      (look.findings_with_data ? ", with training images." : ", without images."));
  body += "<div class=\"grid\">";
  std::size_t cards = 0;
  for (const NormNumbers& norm : look.norms) {
    const bool healthy = findings_of(look, norm.layer).empty();
    if (look.norms.size() > kMostCards && (healthy || cards >= kMostCards)) continue;
    body += norm_card(look, norm);
    ++cards;
  }
  std::string others;
  for (const Finding& finding : look.findings)
    if (!is_norm(look, finding.layer))
      others += "<p>" + badge({&finding}) + " <b>" + escape(finding.id) + "</b> " +
                escape(finding.layer.empty() ? "" : "in " + finding.layer) + ": " +
                escape(finding.evidence) + "</p>\n";
  if (!others.empty()) body += html::card("The rest of the network", others);
  body += "</div>\n";
  if (!look.findings.empty()) body += meanings(look);
  if (!look.norms.empty() && detail.numbers)
    body += html::details("The same in numbers", norm_table(look));
  return body;
}

std::string filters_section(const RunLook& look, const RunDetail& detail, int level) {
  if (!look.filters || detail.filters == 0) return "";
  const FirstFilters& filters = *look.filters;
  const std::size_t shown = std::min(detail.filters, filters.pictures.size());
  std::string body = html::heading("First filters", level);
  const std::string of = filters.shape[2] == 3   ? ", in colour"
                         : filters.shape[2] == 1 ? ""
                                                 : ", as means over the channels";
  body += html::paragraph(
      fmt::format("{} of the {} kernels [{},{}] of {}{}: grey is 0, white {}, black its negative.",
                  shown, filters.pictures.size(), filters.shape[0], filters.shape[1], filters.layer,
                  of, short_number(filters.largest)));
  body += "<div class=\"thumbs small\">";
  for (std::size_t i = 0; i < shown; ++i)
    body += fmt::format("<img alt=\"filter {} of {}\" src=\"{}\">\n", i, escape(filters.layer),
                        data_uri(filters.pictures[i]));
  return body + "</div>\n";
}

std::string time_section(const RunLook& look, const RunDetail& detail, int level) {
  if (!look.profile) return "";
  const std::vector<ProfileRow> rows = profile_rows(*look.profile);
  const std::string title = "Milliseconds of a training step, by op";
  const double step = 1000 * look.profile->seconds / static_cast<double>(look.profile->runs);
  std::string body = html::heading("Time of a training step, by op", level);
  body += html::paragraph(fmt::format(
      "Measured when this page was made, on this machine: {} ms, mean of {} steps with batches of "
      "{} on {}.",
      short_number(step), look.profile->runs, look.profile_batch,
      look.profile_threads == 1 ? "1 thread" : std::to_string(look.profile_threads) + " threads"));
  body += "<div class=\"card bars\"><div class=\"wide\">" +
          bars_svg(title, bars_of(rows, false), 640) + "</div><div class=\"narrow\">" +
          bars_svg(title, bars_of(rows, true), 320) + "</div></div>\n";
  return detail.numbers ? body + html::details("Every op", profile_table(rows)) : body;
}

}  // namespace evenkeel
