// SPDX-License-Identifier: Apache-2.0
// The statistics that a run predicts with, as --statistics says it.
#pragma once

#include <string>

#include "evenkeel/train/evaluation.h"

namespace evenkeel::cli {

// Of "moving", "recalibrated" or "recalibrated:8192". InvalidArgument for anything else.
Statistics parse_statistics(const std::string& text);
// Back, with the number of images.
std::string statistics_text(const Statistics& statistics);
// "moving statistics", "statistics recalibrated over 8,192 images".
std::string statistics_phrase(const Statistics& statistics);

}  // namespace evenkeel::cli
