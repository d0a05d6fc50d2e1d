// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/sweep_charts.h"
#include "evenkeel/report/sweep_report.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::sweep {
namespace {

constexpr std::size_t kMostRows = 30;

std::string what_varies(const Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
    const Parameter& each = plan.parameters[i];
    if (i > 0) text += i + 1 == plan.parameters.size() ? " and " : ", ";
    text += each.key;
    text += each.range ? " (" + each.typed + ")" : fmt::format(" ({})", each.choices.size());
  }
  return text;
}

std::string deviation_text(double deviation, Metric metric) {
  if (!std::isfinite(deviation)) return "";
  return metric == Metric::accuracy ? fmt::format("{:.2f}", 100 * deviation)
                                    : short_number(deviation);
}

std::string outcome_of(const Sweep& sweep, const Combination& each) {
  if (each.scored > 0 && each.diverged == 0) return score_text(each.accuracy, Metric::accuracy);
  const auto runs = std::ssize(each.trials);
  if (each.diverged == runs) return "diverged";
  if (each.diverged > 0)
    return fmt::format("{} of {} diverged", each.diverged, plural(runs, "run"));
  const bool waiting = sweep.states[each.trials.front()].result.status == Status::waiting;
  return each.failed > 0 ? "failed" : waiting ? "not begun" : "n/a";
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

}  // namespace

std::string score_text(double score, Metric metric) {
  return metric == Metric::accuracy ? percent_text(score) : short_number(score);
}

std::string sweep_summary(const Sweep& sweep) {
  const Plan& plan = sweep.plan;
  const Totals totals = totals_of(sweep);
  std::string text = plural(std::ssize(sweep.trials), "run") + ", ";
  text += plan.draws > 0 ? "drawn from " : "a grid of ";
  text += what_varies(plan);
  if (plan.seeds > 1) text += ", " + plural(plan.seeds, "seed") + " each";
  text += ": " + with_thousands(totals.done) + " done";
  if (totals.diverged > 0) text += ", " + with_thousands(totals.diverged) + " diverged";
  if (totals.unfinished > 0 && plan.strategy == Strategy::asha)
    text += ", " + with_thousands(totals.unfinished) + " given up early";
  else if (totals.unfinished > 0)
    text += ", " + with_thousands(totals.unfinished) + " unfinished";
  if (totals.failed > 0) text += ", " + with_thousands(totals.failed) + " failed";
  if (totals.waiting > 0) text += ", " + with_thousands(totals.waiting) + " not begun";
  return text;
}

std::string best_sentence(const Sweep& sweep) {
  const auto ranked = ranking(sweep);
  if (ranked.empty() || ranked.front().scored == 0) return "";
  const Combination& best = ranked.front();
  std::string text = "Best: " + values_text(sweep, best.values) + ": validation accuracy " +
                     percent_text(best.accuracy);
  if (best.scored > 1)
    text += " ± " + deviation_text(best.accuracy_deviation, Metric::accuracy) + " over " +
            plural(best.scored, "seed");
  return text + ", loss " + short_number(best.loss) + ", after at most " +
         plural(best.epochs, "epoch");
}

std::string best_command(const Sweep& sweep) {
  const auto ranked = ranking(sweep);
  if (ranked.empty() || ranked.front().scored == 0 || sweep.plan.command.empty()) return "";
  std::string command = sweep.plan.command;
  for (std::size_t i = 0; i < sweep.plan.parameters.size(); ++i) {
    const std::string word = sweep.plan.parameters[i].key + "=" + ranked.front().values[i];
    const bool plain = word.find_first_of(" \"'[]{}$*?") == std::string::npos;
    command += " --set " + (plain ? word : "'" + word + "'");
  }
  return command;
}

std::string importance_sentence(const Sweep& sweep) {
  const Importance importance = importance_of(sweep);
  const std::string metric = "validation " + std::string(to_string(sweep.plan.metric));
  if (!importance.nothing.empty())
    return "Which parameter mattered cannot be said: " + importance.nothing + ".";
  std::string text = "Of the variance of " + metric + ": ";
  for (std::size_t i = 0; i < importance.parameters.size(); ++i)
    text += (i == 0 ? "" : ", ") + importance.parameters[i].key + " " +
            percent(importance.parameters[i].share);
  if (importance.method == ImportanceMethod::binned) {
    text += " (each by itself, numbers in bins, less what chance would explain";
  } else {
    if (importance.parameters.size() > 1)
      text += ", what they make only together " + percent(importance.interactions);
    if (sweep.plan.seeds > 1) text += ", seeds " + percent(importance.seeds);
    text += " (main effects of the grid";
  }
  if (sweep.plan.strategy == Strategy::asha) text += ", as judged at the first rung";
  return text +
         (totals_of(sweep).diverged > 0 ? "; a run that diverged counts as the worst)." : ").");
}

std::string run_line(const Sweep& sweep, std::size_t trial) {
  const Result& result = sweep.states[trial].result;
  const std::string name = sweep.trials[trial].name + ": ";
  if (result.status == Status::diverged || result.status == Status::failed)
    return name + std::string(to_string(result.status)) + ": " + result.error;
  const auto look = best_look(sweep, trial);
  if (!look) return name + "no validation result that is finite";
  const double score = sweep.plan.metric == Metric::accuracy ? look->accuracy : look->loss;
  return name + score_text(score, sweep.plan.metric) + " after " +
         plural(result.looks.back().epoch, "epoch") + ", " + readable_time(result.seconds);
}

std::string sweep_text(const Sweep& sweep) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns;
  for (const std::string& name : short_names(sweep.plan.parameters))
    columns.push_back({name, Align::left});
  columns.push_back({"accuracy"});
  if (sweep.plan.seeds > 1) columns.push_back({"sd"});
  for (const char* title : {"loss", "epochs", "time"}) columns.push_back({title});
  columns.push_back({"run", Align::left});
  TextTable table(columns);
  const auto ranked = ranking(sweep);
  for (std::size_t i = 0; i < std::min(kMostRows, ranked.size()); ++i) {
    const Combination& each = ranked[i];
    std::vector<std::string> cells = each.values;
    cells.push_back(outcome_of(sweep, each));
    if (sweep.plan.seeds > 1)
      cells.push_back(deviation_text(each.accuracy_deviation, Metric::accuracy));
    cells.push_back(each.scored > 0 ? short_number(each.loss) : "");
    cells.push_back(each.epochs > 0 ? std::to_string(each.epochs) : "");
    cells.push_back(readable_time(each.seconds));
    const auto others = std::ssize(each.trials) - 1;
    cells.push_back(sweep.trials[each.trials.front()].name +
                    (others > 0 ? fmt::format(" and {} more", others) : ""));
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (ranked.size() > kMostRows) text += fmt::format("and {} more\n", ranked.size() - kMostRows);
  text += "\n" + sweep_summary(sweep) + ". Judged on validation images alone.\n";
  text += importance_sentence(sweep) + "\n";
  if (const std::string best = best_sentence(sweep); !best.empty()) text += best + "\n";
  if (const std::string command = best_command(sweep); !command.empty())
    text += "  " + command + "\n";
  return text + "\n";
}

}  // namespace evenkeel::sweep
