// SPDX-License-Identifier: Apache-2.0
// Files that are cut short, lie or are something else: each a DataError that names file and reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"
#include "evenkeel/formats/safetensors.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using test::bytes_of;
using test::ByteVector;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kTensorFile = "runs/001/step-00000858.safetensors";

ByteVector with_header(const std::string& header, std::size_t data_bytes, std::uint64_t length) {
  std::string text;
  for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>(length >> shift & 0xff);
  return bytes_of(text + header + std::string(data_bytes, 'd'));
}
ByteVector with_header(const std::string& header, std::size_t data_bytes = 0) {
  return with_header(header, data_bytes, header.size());
}

std::string safetensors_failure(const ByteVector& bytes) {
  try {
    SafetensorsFile::parse(bytes, kTensorFile);
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void expect_refused(const std::string& header, std::size_t data_bytes, const std::string& reason) {
  EXPECT_THAT(safetensors_failure(with_header(header, data_bytes)),
              AllOf(HasSubstr(kTensorFile), HasSubstr(reason)))
      << header;
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

TEST(DamagedSafetensors, a_file_cut_anywhere_is_refused) {
  const Tensor tensor = Tensor::of<float>({4}, {1, 2, 3, 4});
  const auto whole = serialize_safetensors({{"a", tensor}, {"b", tensor}}, {{"key", "value"}});
  ASSERT_EQ(safetensors_failure(whole), "nothing was thrown");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(safetensors_failure(part), HasSubstr(kTensorFile)) << length;
  }
}

TEST(DamagedSafetensors, bytes_after_the_last_tensor_are_refused) {
  const Tensor tensor = Tensor::of<float>({4}, {1, 2, 3, 4});
  auto bytes = serialize_safetensors({{"a", tensor}});
  bytes.push_back(std::byte{0});
  EXPECT_THAT(safetensors_failure(bytes), HasSubstr("its tensors take 16 bytes and 17 are there"));
}

TEST(DamagedSafetensors, a_header_length_that_lies_is_refused_before_anything_is_allocated) {
  for (const std::uint64_t length :
       {3ULL, 100'000'001ULL, 1ULL << 40, 1ULL << 63, ~0ULL, ~0ULL - 7})
    EXPECT_THAT(safetensors_failure(with_header("{}", 0, length)),
                AllOf(HasSubstr(kTensorFile), HasSubstr(std::to_string(length))));
  EXPECT_THAT(safetensors_failure(with_header("", 0)), HasSubstr("does not begin with '{'"));
}

TEST(DamagedSafetensors, a_header_over_100_MB_is_refused_even_when_it_is_there) {
  const std::string spaces(100'000'001 - 2, ' ');
  EXPECT_THAT(safetensors_failure(with_header("{" + spaces + "}")), HasSubstr("at most 100000000"));
}

TEST(DamagedSafetensors, a_header_that_is_not_JSON_is_refused) {
  for (const std::string header :
       {"{", "{]", "{}{}", "{\"a\"}", "{\"a\":}", "{\"\xff\":1}", "{\"a\":1e999}", "{\"a\":nan}"})
    EXPECT_THAT(safetensors_failure(with_header(header)),
                AllOf(HasSubstr(kTensorFile), HasSubstr("header")))
        << header;
  for (const std::string header : {" {}", "[]", "1", "\"text\"", "null"})
    expect_refused(header, 0, "does not begin with '{'");
}

TEST(DamagedSafetensors, deep_nesting_is_refused) {
  expect_refused(R"({"a":)" + std::string(1'000'000, '['), 0, "nests too deeply");
  expect_refused(R"({"a":{"shape":[[1]]}})", 0, "nests too deeply");
}

TEST(DamagedSafetensors, a_name_given_twice_is_refused) {
  const std::string tensor = entry("\"U8\"", "[2]", "[0,2]");
  expect_refused(R"({"a":)" + tensor + R"(,"a":)" + tensor + "}", 2, "has 'a' twice");
  expect_refused(R"({"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2,
                 "has 'dtype' twice");
}

TEST(DamagedSafetensors, overlapping_equal_and_gapped_offsets_are_refused) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":)" + entry("\"U8\"", "[4]", first) + R"(,"b":)" +
           entry("\"U8\"", "[4]", second) + "}";
  };
  ASSERT_EQ(safetensors_failure(with_header(two("[0,4]", "[4,8]"), 8)), "nothing was thrown");
  ASSERT_EQ(safetensors_failure(with_header(two("[4,8]", "[0,4]"), 8)), "nothing was thrown");
  expect_refused(two("[0,4]", "[0,4]"), 8, "tensor 'b' begins at 0 where 4 was due");
  expect_refused(two("[0,4]", "[2,6]"), 8, "tensor 'b' begins at 2 where 4 was due");
  expect_refused(two("[0,4]", "[5,9]"), 9, "tensor 'b' begins at 5 where 4 was due");
  expect_refused(two("[1,5]", "[5,9]"), 9, "tensor 'a' begins at 1 where 0 was due");
  expect_refused(two("[0,4]", "[4,8]"), 7, "take 8 bytes and 7 are there");
}

TEST(DamagedSafetensors, offsets_that_are_no_range_are_refused) {
  for (const std::string offsets :
       {"[4,0]", "[-4,0]", "[0]", "[0,4,8]", "[0.0,4.0]", "[\"0\",\"4\"]", "null", "{}", "4",
        "[0,9223372036854775808]", "[0,99999999999999999999999]"})
    expect_refused(R"({"a":)" + entry("\"U8\"", "[4]", offsets) + "}", 4, "tensor 'a'");
}

TEST(DamagedSafetensors, a_shape_that_does_not_fit_its_bytes_is_refused) {
  for (const std::string shape : {"[3]", "[5]", "[]", "[0]", "[2,3]", "[4611686018427387904,4]",
                                  "[4294967296,4294967296]", "[9223372036854775807,2]"})
    expect_refused(R"({"a":)" + entry("\"U8\"", shape, "[0,4]") + "}", 4, "tensor 'a' of shape");
  for (const std::string shape :
       {"[-4]", "[4.0]", "[\"4\"]", "[null]", "4", "null", "{}", "[18446744073709551615]"})
    expect_refused(R"({"a":)" + entry("\"U8\"", shape, "[0,4]") + "}", 4, "tensor 'a' has");
}

TEST(DamagedSafetensors, a_shape_that_overflows_is_refused_even_where_one_dimension_is_0) {
  for (const std::string shape : {"[4611686018427387904,4,0]", "[0,4611686018427387904,4]"})
    expect_refused(R"({"a":)" + entry("\"U8\"", shape, "[0,0]") + "}", 0, "tensor 'a' of shape");
  EXPECT_EQ(safetensors_failure(with_header(R"({"a":)" + entry("\"U8\"", "[4,0]", "[0,0]") + "}")),
            "nothing was thrown");
}

TEST(DamagedSafetensors, unknown_dtypes_are_refused) {
  for (const std::string dtype : {"\"F16\"", "\"f32\"", "\"\"", "\"F8_E4M3\"", "7", "null", "[]"})
    expect_refused(R"({"a":)" + entry(dtype, "[4]", "[0,4]") + "}", 4, "dtype that is not read");
}

TEST(DamagedSafetensors, entries_and_metadata_of_another_kind_are_refused) {
  for (const std::string value :
       {"1", "null", "[]", "{}", R"({"dtype":"U8"})", R"({"dtype":"U8","shape":[4]})"})
    expect_refused(R"({"a":)" + value + "}", 0, "lacks dtype, shape or data_offsets");
  expect_refused(R"({"__metadata__":[]})", 0, "__metadata__ is not an object");
  expect_refused(R"({"__metadata__":{"step":7}})", 0, "metadata 'step' is not a text");
}

TEST(DamagedSafetensors, files_of_another_kind_are_refused) {
  EXPECT_THAT(safetensors_failure(bytes_of("PK\x03\x04 a zip file, as PyTorch writes")),
              HasSubstr(kTensorFile));
  EXPECT_THAT(safetensors_failure(bytes_of("\x89HDF\r\n\x1a\n an HDF5 file, as Keras writes")),
              HasSubstr(kTensorFile));
  EXPECT_THAT(safetensors_failure(ByteVector(64)), HasSubstr(kTensorFile));
}

// Whatever a changed byte makes of it: read with no fault, or a DataError; never anything else.
TEST(DamagedSafetensors, random_changes_never_end_in_anything_but_a_DataError) {
  const Tensor tensor = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const auto whole = serialize_safetensors({{"a", tensor}, {"b", tensor}}, {{"key", "value"}});
  const Random random(5, Purpose::test, 0);
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    ByteVector changed = whole;
    for (std::uint64_t change = 0; change <= round % 3; ++change) {
      const std::uint64_t bits = random.bits(round * 4 + change);
      changed[(bits >> 8) % changed.size()] = static_cast<std::byte>(bits & 0xff);
    }
    ASSERT_NO_FATAL_FAILURE(safetensors_failure(changed)) << "round " << round;
  }
}

TEST(DamagedSafetensors, a_file_that_is_missing_or_a_folder_is_named) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(SafetensorsFile::read(folder / "missing"), DataError);
  EXPECT_THROW(SafetensorsFile::read(folder.path()), DataError);
}

// Twice the tensors may take a little more than twice the time, not four times.
TEST(DamagedSafetensors, ManyTensorsAreReadInAMoment) {
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i)
    header += (i > 0 ? ",\"" : "\"") + std::to_string(i) +
              R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  header += "}";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(SafetensorsFile::parse(with_header(header), kTensorFile).tensors.size(), 100'000U);
  // 0.5 s; in the square of the tensors it was minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace
}  // namespace evenkeel
