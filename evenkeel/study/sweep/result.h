// SPDX-License-Identifier: Apache-2.0
// What one run of a sweep has come to, as its folder says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/study/sweep/plan.h"

namespace evenkeel::sweep {

// diverged: the run ended because a value was not finite. failed: for another reason, which may
// have gone: the next call tries again.
enum class Status { waiting, unfinished, done, diverged, failed };

// One look at the validation images; NaN for what was not finite.
struct Look {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  double loss = 0;
  double accuracy = 0;
};

struct Result {
  Status status = Status::waiting;
  std::string error;                // of diverged and failed
  std::vector<Look> looks;          // in order of steps
  std::vector<double> steps = {};   // of training batches, with the loss of each
  std::vector<double> losses = {};  // NaN for what was not finite
  bool ended = false;               // the run's last row says so
  double seconds = 0;               // of training, over all processes of the run
};

// Validation and training as a run's metrics have them; without status and error. Of a folder that
// has none: nothing. DataError where they cannot be read.
Result read_result(const std::filesystem::path& run);

// Larger is better; NaN where there is none.
double score_of(const Look& look, Metric metric);
// The best look up to an epoch, the first of equals; empty where no finite one is there.
std::optional<Look> best_look(const Result& result, Metric metric,
                              std::optional<std::int64_t> epochs = {});

// What a run that did not end with exit code 0 said, cut to its first line, and whether it
// diverged.
Status status_of(int code, const std::string& errors);
std::string first_error(const std::string& errors);

// "waiting", "unfinished", "done", "diverged", "failed"; empty for another text.
std::string_view to_string(Status status);
std::optional<Status> parse_status(std::string_view text);

}  // namespace evenkeel::sweep
