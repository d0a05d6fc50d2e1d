// SPDX-License-Identifier: Apache-2.0
// Where in a recipe's file, or on the command line, a refused value was given.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/recipe/recipe.h"

namespace evenkeel {

// What `refuses` says of a key is told at the place where `settings` give that key.
template <typename Refuses>
void told_at_its_place(const std::vector<Setting>& settings, const Refuses& refuses) {
  try {
    refuses();
  } catch (const InvalidArgument& error) {
    // The last of its key is the one that counts; a default has no place of its own.
    for (auto each = settings.rbegin(); each != settings.rend(); ++each)
      if (each->key == error.where()) {
        const std::string text = std::string(error.what()).substr(error.where().size() + 3);
        throw InvalidArgument(each->place,
                              each->place.starts_with("--") ? text : each->key + ": " + text);
      }
    throw;
  }
}

}  // namespace evenkeel
