// SPDX-License-Identifier: Apache-2.0
// What evenkeel throws. Text: "[where] what was expected, what came, what to do".
#pragma once

#include <stdexcept>
#include <string>

#include "evenkeel/base/export.h"

namespace evenkeel {

// The base of every error thrown on purpose; `where()` is the op, layer, file or setting at fault.
class EVENKEEL_API Error : public std::runtime_error {
 public:
  Error(std::string where, const std::string& what_to_know);
  ~Error() override;
  const std::string& where() const noexcept { return where_; }

 private:
  std::string where_;
};

// The caller asked for something that makes no sense (exit code 2).
class EVENKEEL_API InvalidArgument : public Error {
 public:
  using Error::Error;
  ~InvalidArgument() override;
};

// Data or a checkpoint given to us is missing, damaged or of another network (exit code 3).
class EVENKEEL_API DataError : public Error {
 public:
  using Error::Error;
  ~DataError() override;
};

// The world or evenkeel itself failed: disk full, no network, non-finite loss, a bug (exit code 1).
class EVENKEEL_API RuntimeFailure : public Error {
 public:
  using Error::Error;
  ~RuntimeFailure() override;
};

// Predicting with moving statistics that no training step has updated; `where()` is the layer.
class EVENKEEL_API UntrainedStatistics : public DataError {
 public:
  using DataError::DataError;
  ~UntrainedStatistics() override;
};

}  // namespace evenkeel
