// SPDX-License-Identifier: Apache-2.0
// A run's event file for TensorBoard, written while the run goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "evenkeel/base/os_append.h"
#include "evenkeel/formats/tensorboard.h"

namespace evenkeel::tensorboard {

// "events.out.tfevents.<seconds>.<host>.evenkeel", a new one for every object, behind all that the
// folder has by its name, in the order of which TensorBoard reads them. Each record is in the
// system's hands when a call returns: a process that is killed leaves whole records. Every fault is
// a RuntimeFailure that names the file; the record before it is then the last.
class EVENKEEL_API EventFile {
 public:
  using Clock = std::function<double()>;  // seconds since 1970

  // Of a run that goes on behind `step`: what earlier files have of later steps is dropped by
  // TensorBoard. Wall times never go backwards, whatever the clock does.
  EventFile(const std::filesystem::path& folder, std::int64_t step, Clock clock = {});

  void add(std::int64_t step, std::span<const Scalar> scalars);
  // Nothing of a histogram without values.
  void add(std::int64_t step, const std::string& tag, const Histogram& histogram);
  // Until it would survive a power cut. From any thread.
  void sync() const { file_.sync(); }

  const std::filesystem::path& path() const { return file_.path(); }

 private:
  Moment moment(std::int64_t step);
  void append(const std::string& record);

  Clock clock_;
  double last_ = 0;  // wall time
  os::AppendFile file_;
};

}  // namespace evenkeel::tensorboard
