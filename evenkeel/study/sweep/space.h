// SPDX-License-Identifier: Apache-2.0
// What a sweep varies: keys of a recipe, each with its choices or its range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evenkeel::sweep {

// Ends included. whole: whole numbers only, because both ends were written as such.
struct Range {
  double low = 0;
  double high = 1;
  bool log = false;  // every factor is as likely as any other, in the place of every distance
  bool whole = false;
  friend bool operator==(const Range&, const Range&) = default;
};

struct Parameter {
  std::string key;                   // "train.lr"
  std::vector<std::string> choices;  // as `train --set` takes them; none: a range
  std::optional<Range> range = {};
  std::string typed = {};  // what stood behind the "="
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

// "train.lr=0.001,0.01", "train.lr=1e-4..1e-1:log", "model.width=8..64". Commas within brackets or
// quotes belong to a value. InvalidArgument naming --grid for what is neither.
Parameter parse_parameter(const std::string& text);
// InvalidArgument for a key that is there twice.
std::vector<Parameter> parse_parameters(const std::vector<std::string>& texts);
// As it was typed; reads back to the same.
std::string to_string(const Parameter& parameter);

// One value for each parameter, in their order.
using Values = std::vector<std::string>;

inline constexpr std::int64_t kMostTrials = 10'000;

// Every choice of one with every choice of the others, the last parameter's soonest.
// InvalidArgument for a range, and for more than kMostTrials.
std::vector<Values> grid(const std::vector<Parameter>& parameters);
// `count` of them, no two the same, each a function of (parameters, seed, its place). Numbers from
// ranges have four digits that matter. InvalidArgument where there are not as many.
std::vector<Values> draw(const std::vector<Parameter>& parameters, std::int64_t count,
                         std::uint64_t seed);

// The number that a value is; empty for a word.
std::optional<double> number_of(const std::string& value);

}  // namespace evenkeel::sweep
