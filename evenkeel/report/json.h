// SPDX-License-Identifier: Apache-2.0
// What the tables show, as JSON text on one line.
#pragma once

#include <string>

#include "evenkeel/compile/plan.h"
#include "evenkeel/report/model_summary.h"
#include "evenkeel/runtime/profiler.h"

namespace evenkeel {

std::string to_json(const ModelSummary& summary);
std::string to_json(const Plan& plan);
std::string to_json(const Profile& profile);

}  // namespace evenkeel
