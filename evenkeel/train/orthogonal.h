// SPDX-License-Identifier: Apache-2.0
// Matrices made orthogonal, as Muon does with what it has gathered of the gradients.
#pragma once

#include <string>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// u: [M,K] -> [M,K], nearly U V^T of u's singular value decomposition U S V^T: five Newton-Schulz
// steps X <- a X + (b A + c A A) X, A = X X^T, from X = u / |u| with the coefficients of Jordan et
// al. 2024 (kellerjordan.github.io/posts/muon), which bring singular values to about 0.7 .. 1.2.
// Where M > K the same from the right, so that A is the smaller of both Gram matrices. A norm |u|
// below about 1e-7 leaves u smaller; u = 0 gives 0, and a value that is not finite makes every one
// NaN. `name` is what the nodes' names begin with.
Value add_orthogonalised(Graph& graph, Value u, const std::string& name);

}  // namespace evenkeel
