// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/recipe/recipe_file.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kNumbers = "sweep.json";

Json read_numbers(const fs::path& path) {
  try {
    Json json = parse_json<Json>(os::read_text(path));
    if (json.is_object() && json.contains("plan") && json.contains("runs")) return json;
  } catch (const Json::exception&) {
    // Told below.
  }
  throw DataError(
      path.string(),
      "expected the plan of a sweep; remove the file to begin the sweep anew, runs that "
      "are there stay");
}

// The first setting that is another: "seeds there 1, here 3"; of the recipe its first other line.
std::string difference(const Json& there, const Json& here) {
  for (const auto& [key, value] : here.items()) {
    if (there.contains(key) && there.at(key) == value) continue;
    if (key != "recipe" || !there.contains(key) || !there.at(key).is_string())
      return key + " there " + (there.contains(key) ? there.at(key).dump() : "none") + ", here " +
             value.dump();
    const std::string a = there.at(key).get<std::string>();
    const std::string b = value.get<std::string>();
    const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto line = [](const std::string& text, std::size_t at) {
      const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
      return text.substr(begin, text.find('\n', at) - begin);
    };
    const auto at = static_cast<std::size_t>(end.first - a.begin());
    return "the recipe there has '" + line(a, at) + "', here '" + line(b, at) + "'";
  }
  return "settings that this version does not know";
}

// Of what a resumed run may have changed, and of what says nothing of its numbers: as `like` has
// it.
Recipe comparable(Recipe recipe, const Recipe& like) {
  if (!like.data) recipe.data = like.data;
  recipe.data_fallback = like.data_fallback;
  recipe.isa = like.isa;
  recipe.log_every = like.log_every;
  recipe.metrics_every = like.metrics_every;
  recipe.save_every = like.save_every;
  recipe.keep = like.keep;
  return recipe;
}

void require_own_run(const fs::path& run, const Trial& trial) {
  std::error_code ignored;
  if (!fs::exists(run, ignored)) return;
  if (fs::is_directory(run, ignored) && holds_nothing(run)) return;
  const fs::path recipe = recipe_path(run);
  if (!fs::exists(recipe))
    throw InvalidArgument(run.string(),
                          "expected a run of this sweep, it has files but no recipe.toml; move it "
                          "away, or take another folder with --out");
  const Recipe there = make_recipe(read_settings(recipe));
  const std::string a = to_toml(comparable(there, trial.recipe));
  const std::string b = to_toml(trial.recipe);
  if (a != b)
    throw InvalidArgument(run.string(), "expected a run of this sweep: " +
                                            difference(Json{{"recipe", a}}, Json{{"recipe", b}}) +
                                            "; move it away, or take another folder with --out");
}

// By name, as sweep.json has them.
void take_recorded(const Json& json, const Sweep& sweep, std::vector<RunState>& states) {
  for (const Json& run : json.at("runs")) {
    const auto trial =
        std::find_if(sweep.trials.begin(), sweep.trials.end(),
                     [&](const Trial& each) { return each.name == run.value("name", ""); });
    if (trial == sweep.trials.end()) continue;
    RunState& state = states[static_cast<std::size_t>(trial - sweep.trials.begin())];
    state.result.status = parse_status(run.value("status", "")).value_or(Status::waiting);
    state.result.error = run.contains("error") && run.at("error").is_string()
                             ? run.at("error").get<std::string>()
                             : "";
    state.rungs = run.value("rungs", std::size_t{0});
  }
}

// A parent that was killed has not seen its runs end, so their folders count for more.
void take_found(const Plan& plan, bool begun, Result found, RunState& state) {
  const Status recorded = state.result.status;
  found.status = begun ? Status::unfinished : Status::waiting;
  if (plan.strategy == Strategy::asha) {
    const auto rungs = rungs_of(plan);
    state.rungs = begun ? std::min(state.rungs, rungs.size()) : 0;
    const std::int64_t epoch = found.looks.empty() ? 0 : found.looks.back().epoch;
    // The last rung is the run's own end; it may have stopped early.
    while (state.rungs + 1 < rungs.size() && rungs[state.rungs] <= epoch) ++state.rungs;
    if (found.ended) state.rungs = rungs.size();
    if (state.rungs == rungs.size()) found.status = Status::done;
  } else if (begun && (found.ended || recorded == Status::done)) {
    found.status = Status::done;
  }
  if (begun && recorded == Status::diverged && found.status != Status::done) {
    found.status = recorded;
    found.error = state.result.error;
  }
  state.result = std::move(found);
}

}  // namespace

void SweepFolder::require_usable(const fs::path& path, const Sweep& sweep) {
  if (!fs::exists(path)) return;
  if (!fs::is_directory(path))
    throw InvalidArgument("--out", "expected a folder, " + path.string() + " is a file");
  const fs::path numbers = path / kNumbers;
  if (!fs::exists(numbers)) {
    if (fs::is_empty(path)) return;
    throw InvalidArgument("--out", "expected a new or empty folder, or one of this sweep; " +
                                       path.string() + " has other files");
  }
  const Json there = read_numbers(numbers);
  const Json here = parse_json<Json>(to_json(sweep.plan));
  if (there.at("plan") != here)
    throw InvalidArgument("--out", "expected a new folder or one of this very sweep, " +
                                       path.string() +
                                       " is of another: " + difference(there.at("plan"), here));
  for (const Trial& trial : sweep.trials) require_own_run(path / trial.name, trial);
}

SweepFolder SweepFolder::open(const fs::path& path, const Sweep& sweep) {
  require_usable(path, sweep);
  os::make_directories(path / "recipes");
  os::make_directories(path / "errors");
  os::FileLock lock(path / ".lock");
  if (!lock.held())
    throw RuntimeFailure(path.string(),
                         "another sweep is at work there; wait for it, or take "
                         "another folder with --out");
  SweepFolder folder(path, std::move(lock));
  if (!fs::exists(path / kNumbers)) folder.write(sweep);
  return folder;
}

fs::path SweepFolder::recipe_path(const Trial& trial) const {
  return path_ / "recipes" / (trial.name + ".toml");
}
fs::path SweepFolder::errors_path(const Trial& trial) const {
  return path_ / "errors" / (trial.name + ".txt");
}
bool SweepFolder::begun(const Trial& trial) const {
  return fs::exists(evenkeel::recipe_path(run_path(trial)));
}

std::vector<RunState> SweepFolder::states(const Sweep& sweep) const {
  std::vector<RunState> states(sweep.trials.size());
  take_recorded(read_numbers(path_ / kNumbers), sweep, states);
  for (std::size_t i = 0; i < states.size(); ++i)
    take_found(sweep.plan, begun(sweep.trials[i]), look_at(sweep.trials[i]), states[i]);
  return states;
}

void SweepFolder::write(const Sweep& sweep) const {
  os::write_text_atomically(path_ / kNumbers, to_json(sweep) + "\n");
}

fs::path SweepFolder::write_page(const std::string& html) const {
  os::write_text_atomically(path_ / "sweep.html", html);
  return path_ / "sweep.html";
}

}  // namespace evenkeel::sweep
