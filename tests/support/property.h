// SPDX-License-Identifier: Apache-2.0
// Properties tried on examples that RapidCheck draws and, where one fails, makes as small as it
// can.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>

#include "tests/support/gradient_check.h"

namespace evenkeel::test {

// RapidCheck's own prints a seed that is not used here.
class QuietListener : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

// Calls `property` for `examples` sets of what it draws (`*rc::gen::…`). The seed is test_seed(),
// so that a run repeats the last one, and $EVENKEEL_TEST_SEED another.
template <typename Property>
void check_property(int examples, Property&& property) {
  rc::detail::TestMetadata metadata;
  metadata.id = testing::UnitTest::GetInstance()->current_test_info()->name();
  metadata.description = metadata.id;
  rc::detail::TestParams params;
  params.seed = test_seed();
  params.maxSuccess = examples;
  QuietListener listener;
  const auto result =
      rc::detail::checkTestable(std::forward<Property>(property), metadata, params, listener,
                                std::unordered_map<std::string, rc::detail::Reproduce>());
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  ADD_FAILURE() << text.str() << "\nwith EVENKEEL_TEST_SEED=" << params.seed;
}

// Ends the example that is being tried where `result` is a failure.
inline void require(const testing::AssertionResult& result, const std::string& what) {
  if (!result) RC_FAIL(what + ": " + result.message());
}

}  // namespace evenkeel::test
