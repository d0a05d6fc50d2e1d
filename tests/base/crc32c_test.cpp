// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace evenkeel {
namespace {

std::uint32_t crc_of(std::initializer_list<int> bytes) {
  std::vector<std::byte> values;
  for (const int byte : bytes) values.push_back(static_cast<std::byte>(byte));
  return crc32c(values);
}

// RFC 3720, B.4; it writes the bytes in the order of the wire, the lowest first.
TEST(Crc32c, TheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0x00})), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43U);
  std::vector<std::byte> rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(rising.rbegin(), rising.rend())), 0x113FDB5CU);
  // An iSCSI SCSI Read (10) command.
  EXPECT_EQ(crc_of({0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0,    0, 0, 0, 0,
                    0x14, 0,    0, 0, 0, 0, 4, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
                    0x28, 0,    0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0,    0, 0, 0, 0}),
            0xD9963A56U);
}

TEST(Crc32c, GoesOnFromWhatCameBefore) {
  const std::string_view text = "123456789";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(crc32c(bytes), 0xE3069283U);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    EXPECT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.subspan(0, cut))), 0xE3069283U) << cut;
  EXPECT_EQ(crc32c({}), 0U);
}

}  // namespace
}  // namespace evenkeel
