// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/folder.h"

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/json_text.h"

namespace evenkeel::compare {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kLock = ".lock";

// The first setting that is another: "learning_rates [0.1], here [0.1,1.0]".
std::string difference(const std::string& there, const std::string& here) {
  const Json a = parse_json<Json>(there);
  const Json b = parse_json<Json>(here);
  for (const auto& [key, value] : a.items())
    if (!b.contains(key) || b.at(key) != value)
      return key + " there " + value.dump() + ", here " +
             (b.contains(key) ? b.at(key).dump() : "none");
  return "settings that this version does not know";
}

}  // namespace

void StudyFolder::require_usable(const fs::path& path, const Study& study) {
  if (!fs::exists(path)) return;
  if (!fs::is_directory(path))
    throw InvalidArgument("--out", "expected a folder, " + path.string() + " is a file");
  const fs::path plan = path / "study.json";
  if (!fs::exists(plan)) {
    if (fs::is_empty(path)) return;
    throw InvalidArgument("--out", "expected a new or empty folder, or one of this comparison; " +
                                       path.string() + " has other files");
  }
  const std::string there = os::read_text(plan);
  study_from_json(plan.string(), there);  // DataError where it is damaged
  const std::string here = to_json(study);
  if (parse_json<Json>(there) != parse_json<Json>(here))
    throw InvalidArgument("--out", "expected a new folder or one of this very comparison, " +
                                       path.string() +
                                       " is of another: " + difference(there, here));
}

StudyFolder StudyFolder::open(const fs::path& path, const Study& study) {
  require_usable(path, study);
  os::make_directories(path / "runs");
  os::FileLock lock(path / kLock);
  if (!lock.held())
    throw RuntimeFailure(path.string(),
                         "another comparison is at work there; wait for it, or take another folder "
                         "with --out");
  if (!fs::exists(path / "study.json"))
    os::write_text_atomically(path / "study.json", to_json(study));
  return {path, study, std::move(lock)};
}

StudyFolder StudyFolder::existing(const fs::path& path) {
  const fs::path plan = path / "study.json";
  return {path, study_from_json(plan.string(), os::read_text(plan)), std::nullopt};
}

Run StudyFolder::run(const std::string& name) const {
  for (const Run& run : runs_of(study_))
    if (run.name == name) return run;
  throw InvalidArgument("run", "expected a run of " + path_.string() + ", got '" + name + "'");
}

fs::path StudyFolder::record_path(const Run& run) const {
  return path_ / "runs" / (run.name + ".json");
}
fs::path StudyFolder::progress_path(const Run& run) const {
  return path_ / "runs" / ("." + run.name + ".progress");
}
fs::path StudyFolder::errors_path(const Run& run) const {
  return path_ / "runs" / ("." + run.name + ".errors");
}

bool StudyFolder::finished(const Run& run) const { return fs::exists(record_path(run)); }

RunRecord StudyFolder::record(const Run& run) const {
  const fs::path path = record_path(run);
  return record_from_json(path.string(), os::read_text(path));
}

void StudyFolder::write(const Run& run, const RunRecord& record) const {
  os::write_text_atomically(record_path(run), to_json(record));
}

void StudyFolder::remove_leftovers(const Run& run) const {
  std::error_code ignored;
  fs::remove(progress_path(run), ignored);
  fs::remove(errors_path(run), ignored);
}

std::optional<std::vector<double>> StudyFolder::timing(const fs::path& folder, const Study& study) {
  const fs::path path = folder / "timing.json";
  if (!fs::exists(path)) return std::nullopt;
  try {
    auto seconds =
        parse_json<Json>(os::read_text(path)).at("step_seconds").get<std::vector<double>>();
    if (seconds.size() == study.alternatives.size()) return seconds;
  } catch (const Json::exception&) {
    // Measured anew.
  }
  return std::nullopt;
}

void StudyFolder::write_timing(const std::vector<double>& seconds) const {
  os::write_text_atomically(path_ / "timing.json", Json{{"step_seconds", seconds}}.dump());
}

}  // namespace evenkeel::compare
