// SPDX-License-Identifier: Apache-2.0
// A learning rate range test for people and programs.
#pragma once

#include <string>

#include "evenkeel/study/lr_find.h"

namespace evenkeel {

// Losses by rate, the curve in one line of UTF-8 (none where width is 0), how it ended, and the
// suggestion with what it rests on.
std::string lr_find_text(const LrFind& find, int width = 80);
// "learning rate 0.0012: ..." or why there is none, in a sentence or two.
std::string suggestion_text(const LrFind& find);
// On one line: suggestion, evidence, points. Numbers that mean nothing are null.
std::string lr_find_json(const LrFind& find);
// `subject`: what was tried, "mnist-cnn on mnist, adam, batches of 128".
// Loss over the rate, on a logarithmic axis, with marks where the suggestion comes from.
std::string lr_find_page(const LrFind& find, const std::string& subject);
// The same chart as a file of its own.
std::string lr_find_svg(const LrFind& find, const std::string& subject);

}  // namespace evenkeel
