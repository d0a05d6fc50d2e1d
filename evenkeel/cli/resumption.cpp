// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/resumption.h"

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/notes.h"
#include "evenkeel/recipe/recipe_file.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

bool same_place(const fs::path& a, const fs::path& b) {
  return fs::weakly_canonical(a) == fs::weakly_canonical(b);
}

// A checkpoint made by the library has no notes of the command, but its settings all the same.
Notes notes_of(const Checkpoint& checkpoint) {
  Recipe recipe;
  recipe.model = checkpoint.network.name();
  take_settings(checkpoint.settings, recipe);
  Notes notes = to_notes(recipe);
  for (const char* unknown : {"epochs", "batch", "statistics_rule"}) notes.erase(unknown);
  for (const auto& [key, value] : checkpoint.notes) notes[key] = value;
  return notes;
}

void warn_of_notes(const fs::path& folder, const std::string& instead, const DataError& error) {
  notice("warning: " + (folder / "run.json").string() +
         " is damaged: the settings are taken from " + instead + ", and it is written anew. " +
         error.what());
}

// Of a folder without a checkpoint.
Notes notes_in(const fs::path& folder) {
  try {
    Notes notes = read_run_notes(folder);
    from_notes(notes);
    return notes;
  } catch (const DataError& error) {
    if (!fs::exists(recipe_path(folder))) throw;
    warn_of_notes(folder, "recipe.toml", error);
    return to_notes(make_recipe(read_settings(recipe_path(folder))));
  }
}

// Empty where the folder's notes are damaged: those of the checkpoint are as good.
std::string difference_to(const fs::path& folder, const FoundCheckpoint& found,
                          const Notes& notes) {
  try {
    return difference_of(read_run_notes(folder), notes);
  } catch (const DataError& error) {
    warn_of_notes(folder, found.path.filename().string(), error);
    return "";
  }
}

// One that was put there from elsewhere would have the folder's run leave its course.
void require_own(const FoundCheckpoint& found, const Notes& notes, const fs::path& folder) {
  const std::string difference = difference_to(folder, found, notes);
  if (difference.empty()) return;
  throw DataError(
      found.path.string(),
      "expected a checkpoint of the run in " + folder.string() +
          ", it is of another recipe than its run.json: " + difference +
          "; move it away, or go on from it by its name in a folder of its own (--out)");
}

// How a run reports, and what makes its batches ready, is no part of its notes, but of its folder.
std::vector<Setting> reporting_of(const fs::path& folder) {
  std::vector<Setting> result;
  if (!fs::exists(recipe_path(folder))) return result;
  try {
    for (Setting& setting : read_settings(recipe_path(folder)))
      if (setting.key.starts_with("run.") || setting.key == "data.loaders")
        result.push_back(std::move(setting));
  } catch (const InvalidArgument& error) {
    notice(std::string("warning: ") + error.what() + "; its [run] is left out");
  }
  return result;
}

}  // namespace

Resumption resumption_of(const TrainArguments& arguments) {
  Resumption result;
  const fs::path& from = arguments.resume;
  if (from.empty()) return result;
  if (fs::is_directory(from)) {
    result.folder = from;
    result.lock.take(from);  // before anything of it is removed
    remove_unfinished(from);
    result.found = newest_good_checkpoint(from, notice);
    if (!result.found) result.notes = notes_in(from);
  } else if (!fs::exists(from) && !arguments.out.empty() && same_place(from, arguments.out)) {
    result.folder = from;  // a run that was killed before it made its folder
  } else {
    result.found = FoundCheckpoint{from, Checkpoint::read(from)};
    const auto siblings = checkpoints_in(from.has_parent_path() ? from.parent_path() : ".");
    for (const fs::path& sibling : siblings)
      if (same_place(sibling, from)) result.folder = sibling.parent_path();
  }
  if (result.found) result.notes = notes_of(result.found->checkpoint);
  const bool there = !result.folder.empty() && (fs::is_directory(from) || arguments.out.empty() ||
                                                same_place(arguments.out, result.folder));
  if (result.found && there) require_own(*result.found, result.notes, result.folder);
  if (!result.folder.empty()) result.reporting = reporting_of(result.folder);
  return result;
}

void require_folder_to_write(const TrainArguments& arguments, const Resumption& resumption) {
  const fs::path& out = arguments.out;
  if (out.empty() || !fs::exists(out)) return;
  if (!fs::is_directory(out))
    throw InvalidArgument("--out", "expected a folder, " + out.string() + " is a file");
  if (holds_nothing(out)) return;
  if (arguments.resume.empty()) {
    throw InvalidArgument("--out", "expected a new or empty folder, " + out.string() +
                                       " has files; '--resume " + out.string() +
                                       "' goes on with a run");
  }
  if (!checkpoints_in(out).empty() && !same_place(out, resumption.folder)) {
    throw InvalidArgument("--out", "expected the folder of the resumed run or one without " +
                                       std::string("checkpoints, ") + out.string() +
                                       " has those of another run");
  }
}

fs::path folder_of(const TrainArguments& arguments, const Resumption& resumption,
                   const Recipe& recipe) {
  fs::path folder = !arguments.out.empty() ? arguments.out : resumption.folder;
  if (folder.empty()) {
    const std::string stand_in = recipe.data_fallback ? "-" + recipe.data.value() : "";
    return make_next_run_folder("runs", recipe.model + stand_in);
  }
  os::make_directories(folder);
  return folder;
}

}  // namespace evenkeel::cli
