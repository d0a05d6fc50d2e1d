// SPDX-License-Identifier: Apache-2.0
// Everything but data sets by name, downloads and images: what evenkeel::core has. Ops and graphs
// are in evenkeel/graph.h.
#pragma once

#include "evenkeel/base/error.h"
#include "evenkeel/data/channel_statistics.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/study/doctor.h"
#include "evenkeel/train/early_stopping.h"
#include "evenkeel/train/init_from.h"
#include "evenkeel/train/log_run.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/plateau.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/recalibrate.h"
#include "evenkeel/train/save_every.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/trainer.h"
