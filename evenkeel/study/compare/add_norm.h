// SPDX-License-Identifier: Apache-2.0
// One norm as nodes of a graph.
#pragma once

#include <optional>
#include <string>

#include "evenkeel/study/compare/alternative.h"

namespace evenkeel::compare {

// Adds the norm behind x with fresh states "<layer>/gamma", "<layer>/beta", …; x itself for none.
// `written`: the settings that batch norms get.
Value add_norm(Graph& graph, Value x, const Norm& norm, const BatchNorm& written,
               std::optional<double> epsilon, const std::string& layer);

}  // namespace evenkeel::compare
