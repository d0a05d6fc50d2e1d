// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/attributes.h"

#include "evenkeel/graph/op_text.h"
#include "evenkeel/graph/text.h"

namespace evenkeel {
namespace attributes {

std::size_t read_choice(TextCursor& in, const std::string& what, const std::string_view* names,
                        std::size_t count) {
  TextCursor ahead = in;
  const std::string_view word = ahead.word(what);
  for (std::size_t index = 0; index < count; ++index) {
    if (names[index] != word) continue;
    in = ahead;
    return index;
  }
  constexpr std::size_t kLongestGuess = 100;
  const std::vector<std::string> known(names, names + count);
  in.fail(what, word.size() > kLongestGuess ? "" : did_you_mean(word, known));
}

void read(TextCursor& in, bool& value) {
  constexpr std::array<std::string_view, 2> kNames = {"false", "true"};
  value = read_choice(in, "true or false", kNames.data(), kNames.size()) == 1;
}

void read(TextCursor& in, DType& value) {
  TextCursor ahead = in;
  const std::optional<DType> dtype = parse_dtype(ahead.word("a dtype"));
  if (!dtype) in.fail("a dtype (f32, f64, bf16, u8, i32, i64 or bool)");
  in = ahead;
  value = *dtype;
}

void read(TextCursor& in, Shape& value) {
  constexpr std::size_t kMostDimensions = 16;
  std::vector<std::int64_t> dims;
  in.expect("[");
  if (!in.accept("]")) {
    do {
      if (dims.size() == kMostDimensions) in.refuse("expected at most 16 dimensions, got more");
      const bool batch = in.accept("N");
      dims.push_back(batch ? kBatch : in.integer());
      if (batch ? dims.size() > 1 : dims.back() < 1)
        in.refuse("expected dimensions of at least 1, with N only in front, got " +
                  (batch ? "N" : std::to_string(dims.back())));
    } while (in.accept(","));
    in.expect("]");
  }
  value = Shape(std::move(dims));
}

void read(TextCursor& in, ValueType& value) {
  value = {};
  read(in, value.dtype);
  read(in, value.shape);
  if (!in.accept("<")) return;
  value.layout.form = in.name("a layout");
  in.expect(":");
  value.packed_bytes = in.integer();
  in.expect(">");
}

}  // namespace attributes

std::size_t read_op_name(TextCursor& in) {
  using All = attributes::Ops<AnyOp>;
  return attributes::read_choice(in, "an op", All::names.data(), All::names.size());
}

Op read_op_attributes(TextCursor& in, std::size_t index) {
  return attributes::Ops<AnyOp>::read_at(in, index);
}

ValueType read_type(TextCursor& in) {
  ValueType type;
  attributes::read(in, type);
  return type;
}

std::string attributes_text(const Op& op) {
  std::string out;
  std::visit([&](const auto& which) { attributes::write_fields(out, which); }, op);
  return out;
}

}  // namespace evenkeel
