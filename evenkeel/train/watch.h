// SPDX-License-Identifier: Apache-2.0
// What callbacks that follow a run's evaluations have in common: when they evaluate, and how they
// are kept in the trainer's notes.
#pragma once

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/train/early_stopping.h"
#include "evenkeel/train/evaluate.h"
#include "evenkeel/train/plateau.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

using NoteJson = nlohmann::json;

// null for none, and for what is not finite, which is no number of JSON's.
template <typename T>
NoteJson note_of(const std::optional<T>& value) {
  if (!value || !std::isfinite(static_cast<double>(*value))) return nullptr;
  return *value;
}
template <typename T>
std::optional<T> optional_of(const NoteJson& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

inline std::string note_text(NoteJson json) { return json_text(std::move(json)); }

// `read` is false for values that cannot be.
template <typename Read>
void read_note(const std::string& text, const std::string& key, const Read& read) {
  try {
    if (from_json_text<NoteJson>(text, read)) return;
  } catch (const NoteJson::exception&) {
  }
  throw DataError(key, "expected the note of a run, got '" + text + "'");
}

inline void update(EarlyStopping& stopping, const Evaluation& evaluation, const Trainer& trainer) {
  stopping.update(evaluation, trainer.completed_steps());
}
inline void update(Plateau& plateau, const Evaluation& evaluation, const Trainer& trainer) {
  plateau.update(evaluation, trainer.completed_steps(), trainer.learning_rate());
}

// Evaluates after each epoch, has `watcher` take it in, notes it, and calls act(trainer, watcher).
// A checkpoint of an epoch's last step may have been written before that: a run that goes on from
// there evaluates first, and so knows what the one that went through does.
template <typename Watcher, typename Act>
Callback watch(Evaluate evaluate, Watcher watcher, Act act) {
  const auto kept = std::make_shared<Watcher>(std::move(watcher));
  const auto look = [kept, act, evaluate = std::move(evaluate)](Trainer& trainer) {
    update(*kept, evaluate(trainer), trainer);
    trainer.notes()[Watcher::kNote] = kept->note();
    act(trainer, *kept);
  };
  Callback callback;
  callback.on_begin = [kept, first = *kept, act, look](Trainer& trainer, const BatchEvent& event) {
    *kept = first;  // of another trainer's run nothing is left
    const auto note = trainer.notes().find(Watcher::kNote);
    if (note != trainer.notes().end()) kept->restore(note->second);
    act(trainer, *kept);
    const bool behind = kept->step().value_or(0) < event.step;
    if (event.step > 0 && event.batch == event.batches && behind) look(trainer);
  };
  callback.on_epoch = [look](Trainer& trainer, const BatchEvent&) { look(trainer); };
  return callback;
}

}  // namespace evenkeel
