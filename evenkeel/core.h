// SPDX-License-Identifier: Apache-2.0
// Everything but data sets by name, downloads and images: what evenkeel::core has.
#pragma once

#include "evenkeel/base/error.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/save_every.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/trainer.h"
