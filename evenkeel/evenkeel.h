// SPDX-License-Identifier: Apache-2.0
// Everything a program needs to describe, train, save and use a network.
#pragma once

#include "evenkeel/core.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/formats/image.h"
