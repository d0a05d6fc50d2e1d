// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/json_text.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kSuffix = ".safetensors";
constexpr const char* kNotes = "run.json";
constexpr std::size_t kLargestJson = std::size_t{1} << 20;

// Digits only; nothing else is a number.
std::optional<std::int64_t> number_of(std::string_view digits) {
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  std::int64_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = 10 * number + (digit - '0');
  }
  return number;
}

std::optional<std::int64_t> step_of(const std::string& name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  std::string_view digits = name;
  digits.remove_prefix(kPrefix.size());
  digits.remove_suffix(std::min(kSuffix.size(), digits.size()));
  return digits.size() < 8 ? std::nullopt : number_of(digits);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory)
    throw DataError(folder.string(), "expected a folder that can be read: " + error.message());
  return names;
}

// Of os::write_file_atomically.
bool is_unfinished(const std::string& name) {
  return name.starts_with(".") && name.find(".tmp-") != std::string::npos;
}

bool is_damaged(const fs::path& checkpoint) {
  try {
    Checkpoint::read(checkpoint);
    return false;
  } catch (const DataError&) {
    return true;
  }
}

// "step-00000858.safetensors"; where that is taken, "step-00000858.1.safetensors" and so on.
fs::path free_name(const fs::path& folder, const fs::path& of) {
  fs::path path = folder / of.filename();
  std::error_code error;
  for (int n = 1; fs::exists(fs::symlink_status(path, error)); ++n)
    path = folder / fmt::format("{}.{}{}", of.stem().string(), n, kSuffix);
  return path;
}

void write_json(const fs::path& path, Json json) {
  const std::string text = json_text(std::move(json), 2) + "\n";
  os::write_file_atomically(path, std::as_bytes(std::span(text)));
}

template <typename Read>
auto read_json(const fs::path& path, Read read) {
  const auto bytes = os::read_file(path, kLargestJson);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return from_json_text<Json>(text, read);
}

}  // namespace

fs::path make_next_run_folder(const fs::path& parent, const std::string& name) {
  os::make_directories(parent);
  std::int64_t last = 0;
  for (const std::string& entry : names_in(parent)) {
    const auto number = number_of(std::string_view(entry).substr(0, entry.find('-')));
    last = std::max(last, number.value_or(0));
  }
  for (std::int64_t number = last + 1;; ++number) {
    fs::path folder = parent / fmt::format("{:03}-{}", number, name);
    // Another run may have taken it in between.
    if (os::make_directory(folder)) return folder;
  }
}

fs::path checkpoint_path(const fs::path& folder, std::int64_t step) {
  return folder / fmt::format("{}{:08}{}", kPrefix, step, kSuffix);
}

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (std::string& name : names_in(folder))
    if (const auto step = step_of(name)) found.emplace_back(*step, std::move(name));
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> paths;
  paths.reserve(found.size());
  for (const auto& [step, name] : found) paths.push_back(folder / name);
  return paths;
}

std::optional<FoundCheckpoint> newest_good_checkpoint(const fs::path& folder, const Tell& tell) {
  const std::vector<fs::path> paths = checkpoints_in(folder);
  for (const fs::path& path : paths) {
    try {
      return FoundCheckpoint{path, Checkpoint::read(path)};
    } catch (const DataError& error) {
      tell(std::string("damaged, so the one before is taken: ") + error.what());
    }
  }
  if (paths.empty()) return std::nullopt;
  throw DataError(folder.string(), "expected a checkpoint that can be read, all " +
                                       std::to_string(paths.size()) + " are damaged");
}

FoundCheckpoint open_checkpoint(const fs::path& path, const Tell& tell) {
  if (!fs::is_directory(path)) return {path, Checkpoint::read(path)};
  if (auto found = newest_good_checkpoint(path, tell)) return std::move(*found);
  throw DataError(path.string(),
                  "expected checkpoints step-NNNNNNNN.safetensors in this folder, "
                  "there are none yet");
}

std::vector<SetAside> set_aside_checkpoints_after(const fs::path& folder, std::int64_t step) {
  const fs::path aside = folder / "abandoned";
  std::vector<SetAside> moved;
  for (const fs::path& path : checkpoints_in(folder)) {
    if (step_of(path.filename().string()).value_or(0) <= step) break;
    os::make_directories(aside);
    const bool damaged = is_damaged(path);
    const fs::path to = free_name(aside, path);
    std::error_code error;
    fs::rename(path, to, error);
    if (error)
      throw RuntimeFailure(path.string(), "a checkpoint of a later step could not be moved to " +
                                              aside.string() + ": " + error.message());
    moved.push_back({to, damaged});
  }
  return moved;
}

bool holds_nothing(const fs::path& folder) {
  const std::vector<std::string> names = names_in(folder);
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == "lock" || name == kNotes || is_unfinished(name);
  });
}

void remove_unfinished(const fs::path& folder) {
  for (const std::string& name : names_in(folder)) {
    if (!is_unfinished(name)) continue;
    std::error_code ignored;
    fs::remove(folder / name, ignored);
  }
}

bool better(const Evaluation& evaluation, const std::optional<Best>& than) {
  if (!than || evaluation.accuracy > than->accuracy) return true;
  return evaluation.accuracy == than->accuracy && evaluation.loss < than->loss;
}

std::optional<Best> read_best(const fs::path& folder) {
  try {
    return read_json(folder / "best.json", [](const Json& json) {
      return Best{json.at("step"), json.at("accuracy"), json.at("loss")};
    });
  } catch (const Error&) {
  } catch (const Json::exception&) {
  }
  return std::nullopt;
}

void write_best(const fs::path& folder, const Best& best) {
  Json json = Json::object();
  json["checkpoint"] = checkpoint_path({}, best.step).string();
  json["step"] = best.step;
  json["accuracy"] = best.accuracy;
  json["loss"] = best.loss;
  write_json(folder / "best.json", std::move(json));
}

void remove_best(const fs::path& folder) {
  const fs::path path = folder / "best.json";
  std::error_code error;
  fs::remove(path, error);
  if (error) throw RuntimeFailure(path.string(), "could not be removed: " + error.message());
}

void remove_old_checkpoints(const fs::path& folder, std::int64_t newest, std::int64_t keep_last) {
  if (keep_last == 0) return;
  const auto best = read_best(folder);
  if (!best && os::file_identity(folder / "best.json")) return;
  std::int64_t kept = 0;
  for (const fs::path& path : checkpoints_in(folder)) {
    const std::int64_t step = step_of(path.filename().string()).value_or(newest + 1);
    // Only names that a run writes, and no links or folders.
    if (step > newest || path != checkpoint_path(folder, step)) continue;
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(path, error))) continue;
    if (kept++ < keep_last || (best && best->step == step)) continue;
    fs::remove(path, error);
    if (error)
      throw RuntimeFailure(path.string(),
                           "an older checkpoint could not be removed: " + error.message());
  }
}

Notes read_run_notes(const fs::path& folder) {
  const fs::path path = folder / kNotes;
  if (!os::file_identity(path)) return {};
  try {
    return read_json(path, [](const Json& json) { return json.get<Notes>(); });
  } catch (const Json::exception& error) {
    throw DataError(path.string(), std::string("expected the settings of a run as JSON: ") +
                                       error.what() +
                                       "; recipe.toml and checkpoints have the same: where "
                                       "there are none, begin a new run");
  }
}

void write_run_notes(const fs::path& folder, const Notes& notes) {
  write_json(folder / kNotes, Json(notes));
}

}  // namespace evenkeel
