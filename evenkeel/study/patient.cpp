// SPDX-License-Identifier: Apache-2.0
// Where patients come from: checkpoints, files of other libraries, networks, trainers.
#include <charconv>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/study/doctor.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {
namespace {

// 0 where the run did not say, or says no number.
std::int64_t number_in(const std::map<std::string, std::string>& notes, const char* key) {
  const auto found = notes.find(key);
  if (found == notes.end()) return 0;
  std::int64_t number = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

Patient patient_of(Checkpoint::Damaged file, const std::filesystem::path& path) {
  Checkpoint& checkpoint = file.checkpoint;
  Patient patient;
  patient.name = path.string();
  patient.model = checkpoint.model(path);
  patient.state = std::move(checkpoint.tensors);
  for (ChecksumFault& fault : file.faults)
    patient.damage.emplace(std::move(fault.tensor), std::move(fault.text));
  patient.seed = checkpoint.settings.seed;
  patient.loss = checkpoint.settings.loss;
  patient.optimizer = checkpoint.settings.optimizer;
  patient.schedule = checkpoint.settings.schedule;
  patient.step = checkpoint.step;
  patient.batch = number_in(checkpoint.notes, "batch");
  patient.epochs = number_in(checkpoint.notes, "epochs");
  patient.notes = std::move(checkpoint.notes);
  return patient;
}

}  // namespace

Patient read_patient(const std::filesystem::path& path) {
  SafetensorsFile file = SafetensorsFile::read(path);
  if (file.metadata.contains("network")) return patient_of(Checkpoint::read_damaged(path), path);
  Patient patient;
  patient.name = path.string();
  for (ChecksumFault& fault : checksum_faults(file))
    patient.damage.emplace(std::move(fault.tensor), std::move(fault.text));
  patient.state = std::move(file.tensors);
  return patient;
}

Patient patient_of(const Model& model, std::uint64_t seed) {
  Patient patient;
  patient.name = model.name();
  patient.model = model;
  const StateStore store(model.graph(), seed);
  for (const StateStore::Entry& entry : store.entries())
    patient.state[entry.name] = store.get(entry.name);
  patient.seed = seed;
  patient.step = 0;
  patient.about_to_train = true;
  return patient;
}

Patient patient_of(const Trainer& trainer) {
  Patient patient;
  patient.name = trainer.model().name();
  patient.model = trainer.model();
  for (const std::string& name : trainer.state_names()) patient.state[name] = trainer.state(name);
  patient.seed = trainer.options().seed;
  patient.loss = trainer.loss();
  patient.optimizer = trainer.optimizer();
  patient.schedule = trainer.options().schedule;
  patient.step = trainer.completed_steps();
  patient.about_to_train = trainer.completed_steps() == 0;
  return patient;
}

}  // namespace evenkeel
