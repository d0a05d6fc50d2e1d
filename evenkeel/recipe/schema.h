// SPDX-License-Identifier: Apache-2.0
// What a recipe can say, from its one list of keys.
#pragma once

#include <string>

#include "evenkeel/base/export.h"

namespace evenkeel {

// A recipe with every key at its default, each with its comment.
EVENKEEL_API std::string schema_toml();
// JSON Schema, draft 2020-12, for editors.
EVENKEEL_API std::string schema_json();
// docs/recipes.md.
EVENKEEL_API std::string schema_markdown();

}  // namespace evenkeel
