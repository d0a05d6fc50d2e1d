// SPDX-License-Identifier: Apache-2.0
// A data set that is one .npz file of NumPy, of arrays in Keras' names (x_train, y_train, x_test,
// y_test) or others that are usual (images and labels, train_images, …); npz_set.cpp has them all.
#pragma once

#include <filesystem>
#include <string>

#include "evenkeel/data/dataset.h"

namespace evenkeel::datasets {

// Images are uint8 (N,H,W) or (N,H,W,C) of at most 4 channels, labels integers (N,) or (N,1) from 0
// on; there are as many classes as the largest label says. DataError for anything else, which says
// what to do. Validation and test images that are not there are drawn from the others. The pixels
// are unpacked into the user's cache and mapped, so that they may be larger than memory.
Splits load_npz(const std::filesystem::path& path, const std::string& name,
                const DatasetOptions& options);

}  // namespace evenkeel::datasets
