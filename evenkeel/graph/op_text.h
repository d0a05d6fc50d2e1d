// SPDX-License-Identifier: Apache-2.0
// One op as text; what text.cpp needs of the attributes' templates.
#pragma once

#include <string>

#include "evenkeel/graph/op.h"
#include "evenkeel/graph/text_cursor.h"

namespace evenkeel {

// The index in the variant Op of the op whose name is next.
std::size_t read_op_name(TextCursor& in);
// The attributes in braces of that op; those left out have their default.
Op read_op_attributes(TextCursor& in, std::size_t index);
ValueType read_type(TextCursor& in);

}  // namespace evenkeel
