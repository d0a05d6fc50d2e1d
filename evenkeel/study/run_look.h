// SPDX-License-Identifier: Apache-2.0
// A look at a run's network as one of its checkpoints has it: batch norms, what it confuses, its
// first filters, where a step's time goes. The checkpoint stays as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/runtime/profiler.h"
#include "evenkeel/study/confusion.h"
#include "evenkeel/study/doctor.h"
#include "evenkeel/study/first_filters.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// The best checkpoint of a run's folder by its validation images, as best.json names it, or the
// newest where there is none; a damaged one is told of, and the newest good one taken. Of a file
// itself that one. DataError where there is none that can be read.
struct ChosenCheckpoint {
  FoundCheckpoint found;
  bool best = false;  // by validation images
};
EVENKEEL_API ChosenCheckpoint choose_checkpoint(const std::filesystem::path& path,
                                                const Tell& tell);

// Counts of equally wide bins from low to high.
struct Counted {
  double low = 0;
  double high = 0;
  std::vector<std::int64_t> counts;
};

// A batch norm, by its numbers. Values that are not finite are left out of the counts.
struct NormNumbers {
  std::string layer;
  std::int64_t channels = 0;
  std::optional<std::int64_t> updates;  // of its statistics; empty: not known
  double epsilon = 0;
  bool frozen = false;
  std::optional<Counted> gamma;      // empty: it has none
  std::optional<Counted> deviation;  // log10 of the moving standard deviation
};

struct RunLook {
  std::string checkpoint;  // its file's name
  std::int64_t step = 0;
  bool best = false;
  std::string model;
  std::string data;   // the data set that it was trained on; empty: not known
  std::string split;  // which part of it was judged
  std::vector<std::string> class_names;
  std::vector<NormNumbers> norms;
  std::vector<Finding> findings;
  bool findings_with_data = false;
  std::optional<Judged> judged;
  std::optional<FirstFilters> filters;
  std::optional<Profile> profile;
  std::int64_t profile_batch = 0;
  int profile_threads = 0;
  std::vector<std::string> missing;  // what was left out, and why
};

struct LookOptions {
  const Splits* data = nullptr;  // nullptr: what needs images is left out
  std::string why_no_data = {};  // said in their place
  std::string split = "test";
  std::size_t most_mistakes = 24;
  bool profile = true;
};

// `make_trainer` gives one that is restored from the checkpoint; it is trained on for the profile.
// What cannot be had is in `missing`; throws nothing but std::bad_alloc and what make_trainer
// throws beside Error.
EVENKEEL_API RunLook look_at(const ChosenCheckpoint& chosen,
                             const std::function<Trainer()>& make_trainer,
                             const LookOptions& options);

}  // namespace evenkeel
