// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl of a run's folder: one JSON object a line, in the order of steps.
//   {"event":"batch","step":10,"epoch":1,"loss":…,"accuracy":…,"learning_rate":…,
//    "images_per_second":…}        a training batch, its loss before the update
//   {"event":"epoch","step":429,"epoch":1,"loss":…,"accuracy":…,"images_per_second":…,
//    "seconds":…}                  means over the epoch's batches
//   {"event":"evaluation","split":"validation","step":429,"epoch":1,"loss":…,"accuracy":…,
//    "images":…,"best":true}       split: validation or test
//   {"event":"done","step":4290,"seconds":…,"loss":…,"accuracy":…}   of the test images
// Seconds are those of training since the process started. What is not finite is null.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evenkeel/base/os_append.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel {

// A number that a row does not have, or that is not finite, is NaN; a count is 0.
struct MetricsRow {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  std::string event;       // batch, epoch, evaluation, done
  std::string split = {};  // of an evaluation
  std::int64_t step = 0;   // completed steps
  std::int64_t epoch = 0;  // from 1
  double loss = kUnknown;
  double accuracy = kUnknown;
  double learning_rate = kUnknown;
  double images_per_second = kUnknown;
  double seconds = kUnknown;
  std::int64_t images = 0;  // of an evaluation
  bool best = false;        // of one of validation images: the best so far
};

// On one line, with its end.
EVENKEEL_API std::string metrics_line(const MetricsRow& row);

// Of a run's folder, or of the file itself; none where there is no such file. Lines that are no
// rows are left out, and `tell` hears how many; a last line without an end, which a run that was
// killed leaves behind, is left out without a word. DataError where the file cannot be read.
EVENKEEL_API std::vector<MetricsRow> read_metrics(const std::filesystem::path& folder,
                                                  const Tell& tell = {});

// Writes the file while a run goes on: each row is in the system's hands when add() returns, so
// that a process that is killed loses none.
class EVENKEEL_API MetricsLog {
 public:
  // Goes on in the folder behind `step`: rows of later steps, "done" and a torn last line are taken
  // away. RuntimeFailure where the file cannot be written, DataError where it cannot be read;
  // `tell` hears of lines that are no rows, which stay.
  MetricsLog(const std::filesystem::path& folder, std::int64_t step, const Tell& tell);

  // False where the file has the row already: one of the same event and split, of the same step.
  // RuntimeFailure where the file system takes no more; the file then ends with the row before.
  bool add(const MetricsRow& row);
  // Whether its last step, at first the one that it goes on from, has such a row.
  bool has(const std::string& event, const std::string& split) const {
    return there_.contains({event, split});
  }
  // Until it would survive a power cut. From any thread.
  void sync() { file_->sync(); }

 private:
  using Kind = std::pair<std::string, std::string>;  // event, split

  std::int64_t last_step_;
  std::set<Kind> there_;  // rows of last_step_
  std::optional<os::AppendFile> file_;
};

}  // namespace evenkeel
