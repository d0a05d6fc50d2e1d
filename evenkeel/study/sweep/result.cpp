// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/result.h"

#include <array>
#include <cmath>

#include "evenkeel/train/metrics_log.h"

namespace evenkeel::sweep {
namespace {

constexpr std::array kStatusNames = {"waiting", "unfinished", "done", "diverged", "failed"};

// Seconds begin anew in every process of a run.
struct Seconds {
  double before = 0;
  double last = 0;
  void take(double seconds) {
    if (!std::isfinite(seconds)) return;
    if (seconds < last) before += last;
    last = seconds;
  }
};

}  // namespace

Result read_result(const std::filesystem::path& run) {
  Result result;
  Seconds seconds;
  for (const MetricsRow& row : read_metrics(run)) {
    result.ended = row.event == "done";
    seconds.take(row.seconds);
    if (row.event == "evaluation" && row.split == "validation")
      result.looks.push_back({row.step, row.epoch, row.loss, row.accuracy});
    if (row.event != "batch") continue;
    result.steps.push_back(static_cast<double>(row.step));
    result.losses.push_back(row.loss);
  }
  result.seconds = seconds.before + seconds.last;
  return result;
}

double score_of(const Look& look, Metric metric) {
  return metric == Metric::accuracy ? look.accuracy : -look.loss;
}

std::optional<Look> best_look(const Result& result, Metric metric,
                              std::optional<std::int64_t> epochs) {
  std::optional<Look> best;
  for (const Look& look : result.looks) {
    if (epochs && look.epoch > *epochs) break;
    const double score = score_of(look, metric);
    if (std::isfinite(score) && (!best || score > score_of(*best, metric))) best = look;
  }
  return best;
}

Status status_of(int code, const std::string& errors) {
  if (code == 0) return Status::done;
  return code == 1 && errors.find("not finite") != std::string::npos ? Status::diverged
                                                                     : Status::failed;
}

std::string first_error(const std::string& errors) {
  constexpr std::string_view kOurs = "evenkeel: ";
  const std::size_t ours = errors.find(kOurs);
  const std::size_t begin = ours == std::string::npos ? 0 : ours + kOurs.size();
  return errors.substr(begin, errors.find('\n', begin) - begin);
}

std::string_view to_string(Status status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

std::optional<Status> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i)
    if (kStatusNames[i] == text) return static_cast<Status>(i);
  return std::nullopt;
}

}  // namespace evenkeel::sweep
