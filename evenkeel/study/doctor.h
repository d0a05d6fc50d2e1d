// SPDX-License-Identifier: Apache-2.0
// What is wrong with a network, a run or a file of tensors, told by its numbers: above all with its
// batch norms. docs/doctor.md lists all findings.
//   for (const Finding& finding : examine(patient_of(trainer), {.data = mnist.train})) ...
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/base/log.h"
#include "evenkeel/base/math.h"
#include "evenkeel/base/tensor.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/schedule.h"

namespace evenkeel {

class Trainer;

// error: results are wrong. warning: it costs accuracy or time. info: worth knowing.
struct Finding {
  Severity severity = Severity::info;
  std::string id;                         // "epsilon-exceeds-variance"; never changes
  std::string layer;                      // or the tensor's name; empty: the network as a whole
  std::string evidence;                   // what was seen, with the numbers
  std::map<std::string, double> numbers;  // the same for programs
  std::string why;                        // it matters
  std::string fix;
};

// What is looked at: a network with its state, or the state alone.
struct Patient {
  std::string name;
  std::optional<Model> model;           // empty: a file of another library, judged by tensor names
  std::map<std::string, Tensor> state;  // by the names that files have
  std::map<std::string, std::string> damage = {};  // tensors with a wrong checksum, and the text
  std::uint64_t seed = 0;
  Loss loss = Loss::softmax_cross_entropy;
  Optimizer optimizer = Adam{};
  Schedule schedule = {};
  std::optional<std::int64_t> step = {};  // completed; empty where a file does not say
  bool about_to_train = false;            // before step 1, as a program has it: no file
  std::int64_t batch = 0;                 // images in a batch of training; 0: not known
  std::int64_t epochs = 0;                // of the whole run; 0: not known
  std::map<std::string, std::string> notes = {};
};

// A checkpoint (also one whose checksums are wrong), or a safetensors file of another library.
// DataError where it cannot be read.
EVENKEEL_API Patient read_patient(const std::filesystem::path& path);
// A network before its first step; what it is trained with is Patient's to be set.
EVENKEEL_API Patient patient_of(const Model& model, std::uint64_t seed = 1);
EVENKEEL_API Patient patient_of(const Trainer& trainer);

struct ExamineOptions {
  // Images as it trains on; without them only state and structure are looked at.
  Dataset data = {};
  std::int64_t batch = 0;   // images in a batch of training; 0: the patient's, or 128
  std::int64_t epochs = 0;  // of the run; 0: the patient's
  int threads = 0;          // 0: as many as the machine has cores
  std::string kernels = "auto";
  Math math = Math::fast;
  // The same network earlier in its run: what should have stood still is then held against it. Must
  // live as long as the call.
  const Patient* before = nullptr;
};

// The most serious first, then in the order of docs/doctor.md and of the network. Changes nothing.
// InvalidArgument where the data do not fit the network.
EVENKEEL_API std::vector<Finding> examine(const Patient& patient,
                                          const ExamineOptions& options = {});

// What can be found, in the order of docs/doctor.md.
struct KnownFinding {
  std::string_view id;
  std::string_view why;
};
EVENKEEL_API const std::vector<KnownFinding>& known_findings();

// "error", "warn", "info".
EVENKEEL_API std::string_view to_string(Severity severity);

}  // namespace evenkeel
