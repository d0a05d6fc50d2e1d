// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/tables.h"

#include <gtest/gtest.h>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

TEST(TextTable, AlignsColumnsAndLeavesNoSpacesAtTheEnd) {
  TextTable table({{"name", TextTable::Align::left}, {"n"}, {"note", TextTable::Align::left}});
  table.add({"conv1", "832", "x"});
  table.add({"a"});
  table.rule();
  table.add({"total", "1,000,000"});
  EXPECT_EQ(table.text(),
            "name           n  note\n"
            "conv1        832  x\n"
            "a\n"
            "-----  ---------  ----\n"
            "total  1,000,000\n");
}

TEST(TextTable, RefusesMoreCellsThanColumns) {
  TextTable table({{"one"}});
  EXPECT_THROW(table.add({"1", "2"}), InvalidArgument);
  EXPECT_THROW(table.add({}), InvalidArgument);
}

TEST(Readable, NumbersInThousands) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(3212288), "3,212,288");
  EXPECT_EQ(with_thousands(-123), "-123");
  EXPECT_EQ(with_thousands(-1234), "-1,234");
}

TEST(Readable, UnitsChangeWhereTheRoundedNumberWouldHaveFourDigits) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(999), "999 B");
  EXPECT_EQ(readable_bytes(1000), "1.0 kB");
  EXPECT_EQ(readable_bytes(999949), "999.9 kB");
  EXPECT_EQ(readable_bytes(999951), "1.0 MB");
  EXPECT_EQ(readable_count(27.9e6), "27.9 M");
  EXPECT_EQ(readable_count(5), "5");
}

TEST(Readable, Times) {
  EXPECT_EQ(readable_time(0), "0:00");
  EXPECT_EQ(readable_time(41.2), "0:42");
  EXPECT_EQ(readable_time(3600), "1:00:00");
  EXPECT_EQ(readable_time(3723), "1:02:03");
  EXPECT_EQ(readable_time(-1), "0:00");
}

}  // namespace
}  // namespace evenkeel
