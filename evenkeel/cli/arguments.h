// SPDX-License-Identifier: Apache-2.0
// What a person typed, command by command. An empty optional was not given: a resumed run then
// takes what its checkpoint says, any other run the default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace evenkeel::cli {

struct TrainArguments {
  std::optional<std::string> model;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  std::optional<bool> skip_bad;
  std::optional<std::int64_t> loaders;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> batch;
  std::optional<double> learning_rate;
  std::optional<std::string> optimizer;
  std::optional<std::string> adam_form;
  std::optional<double> momentum;
  std::optional<bool> nesterov;
  std::optional<double> weight_decay;
  std::optional<double> clip_norm;
  std::optional<std::string> schedule;
  std::optional<std::int64_t> schedule_every;
  std::optional<double> schedule_factor;
  std::optional<std::int64_t> warm_up;
  std::optional<std::string> loss;
  std::optional<std::string> statistics_rule;
  std::optional<std::string> statistics;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
  std::optional<std::string> precision;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::filesystem::path out;
  std::filesystem::path resume;
  std::vector<std::string> set;  // KEY=VALUE of a recipe
  std::optional<std::string> init_from;
  std::optional<std::vector<std::string>> freeze;
  std::optional<std::int64_t> log_every;
  std::optional<std::int64_t> eval_every;
  std::optional<std::string> save_every;
  std::optional<std::int64_t> keep;
  bool profile = false;
  bool doctor = false;
  std::optional<std::string> fail_on;  // of doctor: warn, error; empty: never
  bool json = false;
  bool quiet = false;
};

struct EvaluateArguments {
  std::filesystem::path checkpoint;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  bool skip_bad = false;
  std::string split = "test";
  std::int64_t batch = 128;
  std::int64_t top_k = 0;
  std::optional<int> threads;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::optional<std::string> weights;
  bool json = false;
};

struct PredictArguments {
  std::filesystem::path checkpoint;
  std::vector<std::string> files;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  bool skip_bad = false;
  std::string split = "test";
  std::optional<std::string> index;
  bool resize = false;
  bool grey = false;
  bool invert = false;
  bool no_picture = false;
  std::int64_t top = 3;
  std::optional<int> threads;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::optional<std::string> weights;
  bool json = false;
};

struct SummaryArguments {
  std::string subject;  // a network's name or a checkpoint
  bool plan = false;
  std::int64_t batch = 128;
  std::optional<int> threads;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::optional<std::string> weights;
  bool json = false;
};

struct DoctorArguments {
  std::string subject;  // a network's name, a checkpoint, a run's folder, another safetensors file
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  TrainArguments run;  // how a network will be trained; of a checkpoint batch and epochs alone
  std::filesystem::path before;
  std::optional<int> threads;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::optional<std::string> fail_on;  // warn, error; empty: never
  bool json = false;
};

struct CompareArguments {
  std::optional<std::string> model;
  std::optional<std::string> preset;
  std::optional<std::string> norm;           // with commas between
  std::optional<std::string> place;          // the same
  std::optional<std::string> learning_rate;  // the same
  std::optional<std::string> optimizer;
  std::optional<double> momentum;
  std::optional<double> epsilon;
  std::optional<std::int64_t> seeds;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> batch;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  std::filesystem::path out;
  std::optional<int> threads;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  int jobs = 1;
  bool json = false;
  bool quiet = false;
};

// One run of a comparison, which the command starts itself.
struct CompareRunArguments {
  std::filesystem::path folder;
  std::string run;
  std::filesystem::path data_dir;
};

struct RecalibrateArguments {
  std::filesystem::path checkpoint;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  std::int64_t samples = 8192;
  std::optional<std::int64_t> batch;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
  std::optional<std::string> kernels;
  std::optional<std::string> isa;
  std::optional<std::string> math;
  std::filesystem::path out;
  bool json = false;
};

struct DataArguments {
  enum class Action { list, fetch, verify } action = Action::list;
  std::string name;  // empty: fetch takes mnist, verify every set that is here
  std::filesystem::path data_dir;
  bool skip_bad = false;  // of verify
  bool json = false;
};

struct RecipeArguments {
  enum class Action { check, show, schema } action = Action::show;
  std::string subject;  // a recipe's file, a run's folder or a network's name
  std::vector<std::string> set;
  bool json = false;
  bool markdown = false;
};

struct ReportArguments {
  std::vector<std::filesystem::path> runs;  // folders, or checkpoints
  std::filesystem::path out;
  std::optional<std::string> data;
  std::filesystem::path data_dir;
  std::string split = "test";
  bool no_data = false;
  std::optional<int> threads;
  bool json = false;
};

struct LrFindArguments {
  TrainArguments run;  // network, data and optimiser; not how long
  double from = 1e-7;
  double to = 10;
  std::int64_t steps = 200;
  std::optional<std::string> isa;
  std::filesystem::path out;  // .html or .svg
  bool json = false;
};

struct SweepArguments {
  TrainArguments run;             // what all runs share
  std::vector<std::string> grid;  // KEY=VALUES
  std::optional<std::int64_t> random;
  std::uint64_t seed = 1;  // of what is drawn
  std::int64_t seeds = 1;
  bool asha = false;
  std::optional<std::int64_t> rung;
  std::string metric = "accuracy";
  std::filesystem::path out;
  std::optional<int> jobs;
  int threads = 1;  // of each run
  bool json = false;
  bool quiet = false;
};

// One run of a sweep, which the command starts itself: the words of `train`.
struct SweepRunArguments {
  std::int64_t pause_after = 0;  // epochs; 0: goes on to the end
  std::vector<std::string> words;
};

struct RunsArguments {
  std::filesystem::path folder;      // empty: runs/
  std::vector<std::string> filter;   // KEY=VALUE and the like
  std::optional<std::string> sort;   // a key; empty: the newest first
  std::vector<std::string> compare;  // runs to be held against each other; none: list them
  bool json = false;
};

struct VersionArguments {
  bool json = false;
};

using Arguments =
    std::variant<TrainArguments, EvaluateArguments, PredictArguments, SummaryArguments,
                 DoctorArguments, RecalibrateArguments, CompareArguments, CompareRunArguments,
                 DataArguments, RecipeArguments, ReportArguments, LrFindArguments, SweepArguments,
                 SweepRunArguments, RunsArguments, VersionArguments>;

}  // namespace evenkeel::cli
