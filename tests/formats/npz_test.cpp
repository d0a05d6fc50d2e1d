// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "evenkeel/base/error.h"
#include "tests/support/npz_files.h"

namespace evenkeel {
namespace {

using test::bytes_of;
using test::ByteVector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string npz_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// An .npz file of one array "a"; the bytes outlive it.
class OneArray {
 public:
  explicit OneArray(const ByteVector& npy) : file_(test::zip_file({{"a.npy", npy}})) {}
  Npz npz() const { return Npz(memory_source(file_), "test.npz"); }
  NpzArray array() const { return npz().find("a").value(); }
  std::vector<std::int64_t> integers() const { return npz().integers(array()); }

 private:
  ByteVector file_;
};

std::string header_failure(const std::string& dictionary) {
  return npz_failure([&] { OneArray(test::npy_file_of(dictionary, {})).array(); });
}

template <typename T>
ByteVector elements(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

TEST(Npz, FindsArraysByNameWithShapeAndDtype) {
  const ByteVector file = test::zip_file({{"x.npy", test::npy_bytes("(2, 3)", {1, 2, 3, 4, 5, 6})},
                                          {"readme.txt", bytes_of("no array")},
                                          {"y.npy", test::npy_labels({7, -8})}},
                                         {.deflated = true});
  const Npz npz(memory_source(file), "test.npz");
  EXPECT_THAT(npz.names(), ElementsAre("x", "y"));
  EXPECT_FALSE(npz.find("readme.txt").has_value());
  const auto x = npz.find("x");
  ASSERT_TRUE(x.has_value());
  EXPECT_THAT(x->header.shape, ElementsAre(2, 3));
  EXPECT_FALSE(x->header.fortran_order);
  EXPECT_EQ(describe(*x), "uint8 (2, 3)");
  ByteVector read;
  npz.read(*x, [&](std::span<const std::byte> piece) {
    read.insert(read.end(), piece.begin(), piece.end());
  });
  EXPECT_EQ(read, elements<std::uint8_t>({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(describe(*npz.find("y")), "int64 (2,)");
  EXPECT_THAT(npz.integers(*npz.find("y")), ElementsAre(7, -8));
}

TEST(Npz, ReadsIntegersOfEveryDtypeAndByteOrder) {
  const auto of = [](const std::string& descr, const ByteVector& bytes) {
    return OneArray(test::npy_file(descr, "(2,)", bytes)).integers();
  };
  EXPECT_THAT(of("|u1", elements<std::uint8_t>({1, 255})), ElementsAre(1, 255));
  EXPECT_THAT(of("|i1", elements<std::int8_t>({1, -128})), ElementsAre(1, -128));
  EXPECT_THAT(of("|b1", elements<std::uint8_t>({1, 0})), ElementsAre(1, 0));
  EXPECT_THAT(of("<u2", elements<std::uint16_t>({1, 65535})), ElementsAre(1, 65535));
  EXPECT_THAT(of("<i4", elements<std::int32_t>({-2, 70000})), ElementsAre(-2, 70000));
  EXPECT_THAT(of("<u4", elements<std::uint32_t>({2, 0xffffffff})), ElementsAre(2, 0xffffffffLL));
  EXPECT_THAT(of("<i8", elements<std::int64_t>({-5, std::int64_t{1} << 40})),
              ElementsAre(-5, std::int64_t{1} << 40));
  EXPECT_THAT(of(">i2", elements<std::uint8_t>({0xff, 0xfe, 1, 2})), ElementsAre(-2, 258));
  EXPECT_THAT(npz_failure([&] {
                of("<u8", elements<std::uint64_t>({1, ~std::uint64_t{0}}));
              }),
              HasSubstr("below 2^63"));
}

TEST(Npz, RefusesWhatAreNoIntegersAndSaysWhatToDo) {
  const OneArray floats(test::npy_file("<f4", "(1,)", elements<float>({1})));
  EXPECT_THAT(npz_failure([&] { floats.integers(); }), HasSubstr("float32 (1,); save them with"));
  const OneArray objects(test::npy_file("|O", "(1,)", bytes_of("a pickle")));
  EXPECT_THAT(npz_failure([&] { objects.integers(); }), HasSubstr("objects are not read"));
  const OneArray structured(test::npy_file_of(
      "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", bytes_of("1234")));
  EXPECT_THAT(npz_failure([&] { structured.integers(); }), HasSubstr("structured"));
}

TEST(Npz, ReadsTheHeadersThatOtherVersionsWrite) {
  const OneArray double_quotes(test::npy_file_of(
      R"({"shape": (2,), "fortran_order": True, "descr": "|u1"})", bytes_of("ab")));
  EXPECT_TRUE(double_quotes.array().header.fortran_order);
  const OneArray python2(test::npy_file("|u1", "(2L,)", bytes_of("ab")));
  EXPECT_THAT(python2.integers(), ElementsAre('a', 'b'));
  const OneArray scalar(test::npy_file("|u1", "()", bytes_of("a")));
  EXPECT_THAT(scalar.integers(), ElementsAre('a'));
  ByteVector second = test::npy_file("|u1", "(2,)", bytes_of("ab"));
  second[6] = std::byte{2};  // lengths of 4 bytes
  second.insert(second.begin() + 10, 2, std::byte{0});
  EXPECT_THAT(OneArray(second).integers(), ElementsAre('a', 'b'));
}

TEST(Npz, RefusesShapesThatTheElementsDoNotMake) {
  for (const char* shape : {"(3,)", "(1,)", "(0,)", "(9223372036854775807,)",
                            "(4294967296, 4294967296, 4)", "(4611686018427387904, 4, 0)"})
    EXPECT_THAT(
        npz_failure([&] { OneArray(test::npy_file("|u1", shape, bytes_of("ab"))).array(); }),
        HasSubstr("its shape does not make the 2 bytes"))
        << shape;
}

TEST(Npz, RefusesDamagedHeaders) {
  for (const char* dictionary :
       {"", "{", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False, 'shape': (0,)",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (0,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': 0}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (0,)} more",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (0,)}",
        "{'other': '|u1', 'fortran_order': False, 'shape': (0,)}",
        "{'descr': '|u1' 'fortran_order': False, 'shape': (0,)}",
        "{'descr': '|u1, 'fortran_order': False, 'shape': (99999999999999999999,)}"})
    EXPECT_THAT(header_failure(dictionary), HasSubstr("[test.npz: a] expected an array"))
        << dictionary;
  EXPECT_THAT(npz_failure([] { OneArray(bytes_of("no array at all")).array(); }),
              HasSubstr("does not begin like one"));
  EXPECT_THAT(npz_failure([] { OneArray(bytes_of("short")).array(); }), HasSubstr("too short"));
  ByteVector version = test::npy_file("|u1", "(2,)", bytes_of("ab"));
  version[6] = std::byte{9};
  EXPECT_THAT(npz_failure([&] { OneArray(version).array(); }), HasSubstr("version 9"));
  ByteVector length = test::npy_file("|u1", "(2,)", bytes_of("ab"));
  length[9] = std::byte{0xff};
  EXPECT_THAT(npz_failure([&] { OneArray(length).array(); }), HasSubstr("header asks for"));
}

}  // namespace
}  // namespace evenkeel
