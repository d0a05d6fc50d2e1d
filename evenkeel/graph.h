// SPDX-License-Identifier: Apache-2.0
// The graph level, beneath layers and trainer: what an own layer of new ops, an own training step
// or a look into a network stands on. Apart from evenkeel.h, because compilers read it for a while.
#pragma once

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
