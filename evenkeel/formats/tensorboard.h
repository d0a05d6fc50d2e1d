// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files: records of TensorFlow's TFRecord framing, each an Event protobuf.
//   record:  u64 length, masked CRC-32C of it, the event, masked CRC-32C of the event
//   Event:   wall_time = 1, step = 2, one of file_version = 3, summary = 5, session_log = 7
//   Summary: value = 1: tag = 1, one of simple_value = 2 (float), histo = 5
// Sources: tensorflow/core/lib/io/record_writer.cc, core/util/event.proto, framework/summary.proto,
// core/lib/histogram/histogram.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel::tensorboard {

// Of one Event: seconds since 1970, and completed steps.
struct Moment {
  double wall_time = 0;
  std::int64_t step = 0;
};

struct Scalar {
  std::string tag;
  double value = 0;  // a float in the file
};

// Bucket i counts the values from limits[i - 1] (included) up to limits[i]. The limits are
// TensorFlow's: +-1e-12 * 1.1^i below 1e20, 0 and +-DBL_MAX; runs of empty buckets are one, those
// at the ends none.
struct Histogram {
  double min = std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::lowest();
  double count = 0;
  double sum = 0;
  double sum_of_squares = 0;
  std::vector<double> limits = {};
  std::vector<double> buckets = {};
};

// What is not finite is left out. Sums are taken in the values' order.
EVENKEEL_API Histogram histogram_of(std::span<const float> values);
EVENKEEL_API Histogram histogram_of(std::span<const double> values);

// Whole records. A file begins with its version; SessionLog START makes TensorBoard drop what
// earlier files of the folder have from its step on, but for the first START that it sees.
EVENKEEL_API std::string version_record(double wall_time);
EVENKEEL_API std::string session_start_record(const Moment& moment);
EVENKEEL_API std::string scalars_record(const Moment& moment, std::span<const Scalar> scalars);
EVENKEEL_API std::string histogram_record(const Moment& moment, const std::string& tag,
                                          const Histogram& histogram);

}  // namespace evenkeel::tensorboard
