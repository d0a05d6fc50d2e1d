// SPDX-License-Identifier: Apache-2.0
// What a run was and came to: settings, results, curves.
#include "evenkeel/report/run_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/doctor_report.h"
#include "evenkeel/report/run_curves.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using html::escape;

std::string unquoted(const std::string& text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string quality(double accuracy, double loss) {
  std::string text = percent_text(accuracy);
  if (std::isfinite(loss)) text += ", loss " + short_number(loss);
  return text;
}

std::string speed_text(const RunOutcome& outcome) {
  std::string text = plural(outcome.step, "step");
  if (outcome.epoch > 0) text += " in " + plural(outcome.epoch, "epoch");
  if (std::isfinite(outcome.seconds))
    text += ", " + readable_time(outcome.seconds) + " of training";
  if (std::isfinite(outcome.images_per_second))
    text += ", " + with_thousands(std::llround(outcome.images_per_second)) + " images a second";
  return text + ".";
}

std::string state_text(const RecordedRun& record, const RunOutcome& outcome) {
  const std::string at = " after step " + with_thousands(outcome.step);
  if (record.state == RunState::training)
    return "It is still training: this is how it was" + at + ".";
  if (record.state == RunState::interrupted)
    return "It was interrupted" + at + "; 'evenkeel train --resume " + record.folder.string() +
           "' goes on with it.";
  return "";
}

std::vector<std::string> headlines_of(const ReportedRun& run) {
  const RunOutcome outcome = outcome_of(run.record);
  std::vector<std::string> lines;
  if (outcome.test)
    lines.push_back(fmt::format("Test accuracy {} after step {}.",
                                quality(outcome.test->accuracy, outcome.test->loss),
                                with_thousands(outcome.test->step)));
  else if (run.look && run.look->judged)
    lines.push_back(fmt::format(
        "Accuracy on {} images, now: {} after step {}.", run.look->split,
        quality(run.look->judged->confusion.accuracy(), run.look->judged->confusion.loss),
        with_thousands(run.look->step)));
  if (outcome.best_validation)
    lines.push_back(
        fmt::format("Best on validation images: {} at step {}.",
                    quality(outcome.best_validation->accuracy, outcome.best_validation->loss),
                    with_thousands(outcome.best_validation->step)));
  else if (run.record.best)
    lines.push_back(fmt::format("Best on validation images: {} at step {}.",
                                quality(run.record.best->accuracy, run.record.best->loss),
                                with_thousands(run.record.best->step)));
  if (outcome.step > 0) lines.push_back(speed_text(outcome));
  if (const std::string state = state_text(run.record, outcome); !state.empty())
    lines.push_back(state);
  if (run.look && !run.look->norms.empty())
    lines.push_back("Batch norm and the rest of the network: " + totals_text(run.look->findings) +
                    (run.look->findings_with_data ? "." : ", by the checkpoint alone."));
  return lines;
}

std::string list(const char* type, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = std::string("<ul") + type + ">";
  for (const std::string& line : lines) html += "<li>" + escape(line) + "</li>\n";
  return html + "</ul>\n";
}

std::string table_of(const std::string& caption, const Notes& notes) {
  html::Table table;
  table.head = {"setting", "value"};
  for (const auto& [key, value] : notes) table.rows.push_back({escape(key), escape(value)});
  return to_html(table, caption);
}

// Of a file that is longer than anybody would read, the beginning.
std::string preformatted(const std::string& text) {
  constexpr std::size_t kMost = 60'000;
  return "<pre>" + escape(text.substr(0, kMost)) + (text.size() > kMost ? "…" : "") + "</pre>";
}

std::string folded_settings(const RecordedRun& record) {
  std::string html;
  if (!record.recipe.empty())
    html += html::details("The recipe, with every setting", preformatted(record.recipe));
  else if (!record.notes.empty())
    html += html::details("The settings", table_of("As run.json has them", record.notes));
  if (!record.environment.empty())
    html += html::details("The environment it was trained in", preformatted(record.environment));
  return html;
}

}  // namespace

std::string setting_of(const RecordedRun& record, const std::vector<std::string>& keys) {
  for (const std::string& wanted : keys)
    for (const auto& [key, value] : record.settings)
      if (key == wanted) return unquoted(value);
  return "";
}

std::string what_was_run(const ReportedRun& run) {
  const RecordedRun& record = run.record;
  std::string text = setting_of(record, {"model.name", "model"});
  if (text.empty() && run.look) text = run.look->model;
  std::string data = setting_of(record, {"data.name", "data.dir", "data"});
  if (data.empty() && run.look) data = run.look->data;
  if (!data.empty()) text += " on " + data;
  const auto add = [&](const char* before, const std::string& value, const char* behind = "") {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string(before) + value + behind;
  };
  add("", setting_of(record, {"optimizer.name", "optimizer"}));
  add("learning rate ", setting_of(record, {"train.lr", "learning_rate"}));
  add("batches of ", setting_of(record, {"train.batch", "batch"}));
  const std::string epochs = setting_of(record, {"train.epochs", "epochs"});
  add("", epochs, epochs == "1" ? " epoch" : " epochs");
  add("seed ", setting_of(record, {"train.seed", "seed"}));
  return text;
}

std::string result_section(const ReportedRun& run) {
  std::string html = "<p class=\"lead\">" + escape(what_was_run(run)) + "</p>\n";
  html += list(" class=\"headlines\"", headlines_of(run));
  std::vector<std::string> remarks = run.record.remarks;
  if (run.look) remarks.insert(remarks.end(), run.look->missing.begin(), run.look->missing.end());
  html += list(" class=\"remarks\"", remarks);
  return html + folded_settings(run.record);
}

std::string curves_section(const ReportedRun& run, const RunDetail& detail, int level) {
  const std::vector<Curve> curves = curves_of(run.record.rows, detail.points);
  if (curves.empty()) return "";
  std::string html = html::heading("Curves", level) + "<div class=\"pair\">";
  for (const Curve& curve : curves)
    html += html::card(curve.chart.title, detail.numbers ? html::with_table(curve.chart, curve.text)
                                                         : html::legend_and_chart(curve.chart));
  return html + "</div>\n";
}

}  // namespace evenkeel
